package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// surroundings is what a migration may change about its connection, beyond the
// database itself.
type surroundings struct {
	user, role string
	settings   map[string]configured
	temporary  map[string]string   // what drops each temporary object, by its oids
	prepared   map[string]prepared // by name
	cursors    map[string]string
	channels   map[string]string   // that it listens to
	locks      map[string]string   // advisory ones; what gives each back
	custom     map[string]string   // settings of a program's own that something of ours has set
	order      map[string][]string // the names of each of these, as they were found
}

// configured is the value of a setting, and where it comes from.
type configured struct{ value, source string }

// surroundingsQuery returns rows of the kind of a thing, its name, and what is to be
// known of it. It sorts and scans nothing: a script may have told the planner not
// to, which makes it take pains that last for seconds. Settings that a program has
// made up are not among them, see customName.
const surroundingsQuery = `SELECT 'user', session_user::text, pg_catalog.current_setting('role'), ''
UNION ALL SELECT 'setting', name, setting, source FROM pg_catalog.pg_settings
	WHERE context IN ('user', 'superuser') AND name NOT LIKE 'transaction\_%'
UNION ALL SELECT 'temporary', d.classid::text || ' ' || d.objid, CASE i.type WHEN 'composite type' THEN 'type' ELSE i.type END || ' IF EXISTS ' || i.identity || ' CASCADE', ''
	FROM pg_catalog.pg_depend AS d, pg_catalog.pg_identify_object(d.classid, d.objid, 0) AS i
	WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = pg_catalog.pg_my_temp_schema() AND d.deptype = 'n'
UNION ALL SELECT 'prepared', name, statement, from_sql::text FROM pg_catalog.pg_prepared_statements
UNION ALL SELECT 'cursor', name, '', '' FROM pg_catalog.pg_cursors WHERE name <> ''
UNION ALL SELECT 'channel', c, '', '' FROM pg_catalog.pg_listening_channels() AS c
UNION ALL SELECT 'lock', l.classid::text || ' ' || l.objid || ' ' || l.objsubid || ' ' || l.mode,
	'pg_catalog.pg_advisory_unlock' || CASE WHEN l.mode = 'ShareLock' THEN '_shared' ELSE '' END || '('
	|| CASE l.objsubid WHEN 1 THEN ((l.classid::int8 << 32) | l.objid::int8)::text ELSE l.classid::int8::int4 || ', ' || l.objid::int8::int4 END || ')', ''
	FROM pg_catalog.pg_locks AS l WHERE l.locktype = 'advisory' AND l.pid = pg_catalog.pg_backend_pid() AND l.granted`

// look reads the surroundings of a connection.
func (c *connection) look(ctx context.Context) (*surroundings, error) {
	rows, err := c.query(ctx, surroundingsQuery)
	if err != nil {
		return nil, fmt.Errorf("read what the connection is like: %w", err)
	}
	s := &surroundings{
		settings: map[string]configured{}, temporary: map[string]string{}, prepared: map[string]prepared{}, cursors: map[string]string{},
		channels: map[string]string{}, locks: map[string]string{}, order: map[string][]string{},
	}
	for _, r := range rows {
		kind, name, first, second := string(r[0]), string(r[1]), string(r[2]), string(r[3])
		s.order[kind] = append(s.order[kind], name)
		switch kind {
		case "user":
			s.user, s.role = name, first
		case "setting":
			s.settings[name] = configured{first, second}
		case "temporary":
			s.temporary[name] = first
		case "prepared":
			s.prepared[name] = prepared{first, second == "true"}.alone(name)
		case "cursor":
			s.cursors[name] = ""
		case "channel":
			s.channels[name] = ""
		case "lock":
			s.locks[name] = first
		}
	}
	return s, nil
}

// ourselves returns the query that makes the rest of a transaction be run by who
// the connection belongs to.
func (s *surroundings) ourselves() string {
	return fmt.Sprintf("SELECT pg_catalog.set_config('session_authorization', %s, true), pg_catalog.set_config('role', %s, true)",
		literal(s.user), literal(s.role))
}

// restore makes a connection what it was when it was lent, with no transaction
// open.
func (c *connection) restore(ctx context.Context) error {
	if c.enclosed() {
		return c.restoreWithin(ctx, true)
	}
	return c.undo(ctx, false)
}

// restoreWithin does so inside a transaction. Inside one of the caller's what
// is set for the transaction alone is set back for the transaction alone; where
// the step may have set something beyond it, it is set back beyond it, too.
func (c *connection) restoreWithin(ctx context.Context, beyond bool) error {
	if beyond || !c.enclosed() {
		if err := c.undo(ctx, false); err != nil {
			return err
		}
	}
	if c.enclosed() {
		return c.undo(ctx, true)
	}
	return nil
}

// undo runs what leads back to what a connection was like.
func (c *connection) undo(ctx context.Context, local bool) error {
	if c.given == nil {
		return nil
	}
	if err := c.inUTF8(ctx); err != nil {
		return err
	}
	now, err := c.look(ctx)
	if err != nil {
		return err
	}
	if err := c.prepareAgain(ctx, now); err != nil {
		return fmt.Errorf("restore the prepared statements: %w", describe(err))
	}
	statements, err := c.backCustoms(ctx, local)
	if err != nil {
		return err
	}
	statements = append(statements, c.given.back(now, local, c.ownLock())...)
	if len(statements) == 0 {
		return nil
	}
	if err := c.exec(ctx, strings.Join(statements, ";\n")); err != nil {
		return fmt.Errorf("restore the connection: %w", err)
	}
	return nil
}

// ownLock names our own lock as [surroundings] does.
func (c *connection) ownLock() string {
	return fmt.Sprintf("%d %d 1 ExclusiveLock", uint64(c.key)>>32, uint64(c.key)&0xffffffff)
}

// back returns the statements that lead back from what is now.
func (s *surroundings) back(now *surroundings, local bool, ownLock string) (statements []string) {
	add := func(statement string) { statements = append(statements, statement) }
	if now.user != s.user || now.role != s.role {
		add(strings.ReplaceAll(s.ourselves(), ", true)", fmt.Sprintf(", %v)", local)))
	}
	var owned []string // sequences may go with a table
	for _, oid := range now.order["temporary"] {
		drop := "DROP " + now.temporary[oid]
		if _, had := s.temporary[oid]; had {
			continue
		}
		if strings.HasPrefix(drop, "DROP sequence") {
			owned = append(owned, drop)
			continue
		}
		add(drop)
	}
	statements = append(statements, owned...)
	for _, name := range now.order["cursor"] {
		if _, had := s.cursors[name]; !had {
			add("CLOSE " + quote(name))
		}
	}
	for _, name := range now.order["channel"] {
		if _, had := s.channels[name]; !had {
			add("UNLISTEN " + quote(name))
		}
	}
	for _, name := range s.order["channel"] {
		if _, has := now.channels[name]; !has {
			add("LISTEN " + quote(name))
		}
	}
	for _, name := range now.order["lock"] {
		if _, had := s.locks[name]; !had && name != ownLock {
			add("SELECT " + now.locks[name])
		}
	}
	for _, name := range s.order["lock"] {
		if _, has := now.locks[name]; !has {
			add("SELECT " + strings.Replace(s.locks[name], "unlock", "lock", 1))
		}
	}
	return slices.Concat(statements, s.reset(now, local))
}

// reset returns the statements that set the settings back.
func (s *surroundings) reset(now *surroundings, local bool) (statements []string) {
	for _, name := range s.order["setting"] {
		was, is := s.settings[name], now.settings[name]
		switch {
		case was == is, name == "client_encoding": // see encoding.go
		case was.source == "session":
			statements = append(statements, fmt.Sprintf("SELECT pg_catalog.set_config(%s, %s, %v)", literal(name), literal(was.value), local))
		case local:
			statements = append(statements, "SET LOCAL "+quote(name)+" TO DEFAULT")
		default:
			statements = append(statements, "RESET "+quote(name))
		}
	}
	return statements
}
