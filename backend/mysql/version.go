package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

// now returns the time as the history keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// versionBook is the version of numbered files, in _meta.
type versionBook struct{}

func (versionBook) kind() string { return migration.Files }

func (versionBook) create(n names) string { return n.createMeta() }

// state reads the version and checks that the version table can be relied on.
func (versionBook) state(ctx context.Context, c *connection, locking string) (migration.State, error) {
	found, err := c.strings(ctx, "SELECT CAST(version AS CHAR) FROM "+c.backend.names.meta+" WHERE id = 1"+locking)
	switch {
	case isNumber(err, errNoTable):
		return "", c.backend.notManaged("it has no version table _meta")
	case isNumber(err, errNoColumn):
		return "", c.badVersion(err.Error())
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", c.empty(ctx)
	case len(found) > 1:
		return "", c.badVersion("_meta has several rows with id 1")
	}
	version, err := strconv.ParseInt(found[0], 10, 64)
	if err != nil || version < 0 {
		return "", c.badVersion("the version in _meta is " + found[0])
	}
	return migration.Version(version).State(), nil
}

func (versionBook) entries(ctx context.Context, c *connection) ([]migration.Entry, error) {
	return c.entries(ctx)
}

func (versionBook) stands(n names, at migration.State) (table, condition string) {
	return n.meta + " AS m", filled("m.id = 1 AND m.version = ?", versionOf(at))
}

func (versionBook) sets(to migration.State) string {
	return filled(", m.version = ?", versionOf(to))
}

// record moves the version. It has been read under the lock, and whoever moved
// it since is found by the version that is expected.
func (versionBook) record(ctx context.Context, s *session, c *connection, step migration.Step) error {
	if _, err := step.To.Version(); err != nil {
		return err
	}
	n, err := c.exec(ctx, "UPDATE "+s.backend.names.meta+filled(" SET version = ? WHERE id = 1 AND version = ?", versionOf(step.To), versionOf(step.From)))
	if err == nil && n != 1 {
		err = s.moved(ctx, c, step.From)
	}
	return err
}

// empty says what a version table without its row means: somebody removed it,
// or making the table was cut off before the row was in it.
func (c *connection) empty(ctx context.Context) error {
	entries, err := c.entries(ctx)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return c.badVersion("_meta has no row with id 1")
	}
	return c.backend.notManaged("its version table _meta is empty")
}

func (b *Backend) notManaged(why string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: %s: %s", migration.ErrNotManaged, why, b.address.shown),
		Hint: "fastmigrate create makes the version table; fastmigrate enroll adopts a database that has its schema already",
	}
}

func (c *connection) badVersion(why string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: %s: %s", migration.ErrBadVersion, why, c.backend.address.shown),
		Hint: "mend it so that it is one row: " + c.backend.names.createMeta(),
	}
}

// strings returns the first column of a query's rows. NULL is read as "".
func (c *connection) strings(ctx context.Context, query string) ([]string, error) {
	rows, err := c.QueryContext(ctx, query)
	if err != nil {
		return nil, c.described(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, c.described(err)
	}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(sql.RawBytes) // not looked at
	}
	var all []string
	for rows.Next() {
		var text *string
		into[0] = &text
		if err := rows.Scan(into...); err != nil {
			return nil, c.described(err)
		}
		if text == nil {
			text = new(string)
		}
		all = append(all, *text)
	}
	return all, c.described(rows.Err())
}

// entries reads the history table, if there is one.
func (c *connection) entries(ctx context.Context) ([]migration.Entry, error) {
	return c.scan(ctx, c.backend.history.Select())
}

// last returns the newest entry of the history that is of the book's kind.
func (c *connection) last(ctx context.Context) (migration.Entry, bool, error) {
	all, order, _ := strings.Cut(c.backend.history.Select(), " ORDER BY ")
	entries, err := c.scan(ctx, all+filled(" WHERE kind = ? ORDER BY ", c.backend.book.kind())+order+" DESC LIMIT 1")
	if err != nil || len(entries) == 0 {
		return migration.Entry{}, false, err
	}
	return entries[0], true, nil
}

func (c *connection) scan(ctx context.Context, query string) ([]migration.Entry, error) {
	rows, err := c.QueryContext(ctx, query)
	if isNumber(err, errNoTable) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read history: %w", c.described(err))
	}
	entries, err := history.Scan(rows)
	return entries, c.described(err)
}

// moved says why a record met no row: the version is another, or the lock is.
// What is committed by now is read, and not what a transaction began with.
func (s *session) moved(ctx context.Context, c *connection, from migration.State) error {
	ctx = context.WithoutCancel(ctx)
	at, err := s.backend.book.state(ctx, c, forUpdate)
	if err != nil {
		return err
	}
	if at != from {
		return &migration.Error{
			Op:   "apply",
			Err:  fmt.Errorf("%w: from %s to %s, while this run was at work", migration.ErrMoved, from, at),
			Hint: "find out what else migrates this database; then run again",
		}
	}
	if err := s.lock.held(ctx, c); err != nil {
		return err
	}
	return &migration.Error{
		Op:   "apply",
		Err:  errors.New("the history's entry of this run was changed by somebody else"),
		Hint: "look at " + s.backend.names.history + ", and run again",
	}
}
