package mysql

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fastmigrate/fastmigrate/migration"
)

// revisionBook is the steps that were ever made along the graph of revisions:
// the table migrations has a row for each.
type revisionBook struct{}

func (revisionBook) kind() string { return migration.Revisions }

// create returns the table of the Python tool asyncpg-trek in the server's
// types. Its times are UTC.
func (revisionBook) create(n names) string {
	return "CREATE TABLE IF NOT EXISTS " + n.migrations + ` (
  id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY,
  from_revision TEXT CHARACTER SET utf8mb4,
  to_revision TEXT CHARACTER SET utf8mb4,
  ` + "`timestamp`" + ` DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
  INDEX migrations_timestamp_idx (` + "`timestamp`" + `)
) ENGINE=InnoDB`
}

// state returns where the newest step led. The query names all columns, so that
// the server says whether they are there.
func (revisionBook) state(ctx context.Context, c *connection, locking string) (migration.State, error) {
	found, err := c.strings(ctx, "SELECT to_revision, id, from_revision, `timestamp` FROM "+c.backend.names.migrations+" ORDER BY id DESC LIMIT 1"+locking)
	switch {
	case isNumber(err, errNoTable):
		return migration.Initial.State(), nil
	case isNumber(err, errNoColumn):
		return "", c.unusable(ctx, err)
	case err != nil:
		return "", err
	case len(found) == 0:
		return migration.Initial.State(), nil
	case found[0] == "":
		return "", &migration.Error{
			Op: "open", Err: fmt.Errorf("%w: the newest row of migrations names no revision: %s", migration.ErrBadVersion, c.backend.address.shown),
			Hint: "set its to_revision to the revision that the database is at",
		}
	}
	return migration.State(found[0]), nil
}

// entries returns the rows, oldest first.
func (revisionBook) entries(ctx context.Context, c *connection) ([]migration.Entry, error) {
	rows, err := c.QueryContext(ctx, "SELECT CAST(id AS CHAR), coalesce(from_revision, ''), coalesce(to_revision, ''), coalesce(CAST(`timestamp` AS CHAR), '') FROM "+c.backend.names.migrations+" ORDER BY id")
	switch {
	case isNumber(err, errNoTable):
		return nil, nil
	case isNumber(err, errNoColumn):
		return nil, c.unusable(ctx, err)
	case err != nil:
		return nil, c.described(err)
	}
	defer rows.Close()
	var entries []migration.Entry
	for rows.Next() {
		e := migration.Entry{Kind: migration.Revisions, Status: migration.Applied}
		var id, at string
		if err := rows.Scan(&id, &e.From, &e.To, &at); err != nil {
			return nil, c.described(err)
		}
		e.ID, _ = strconv.ParseInt(id, 10, 64)
		e.FinishedAt = parseTime(at)
		e.StartedAt = e.FinishedAt
		entries = append(entries, e)
	}
	return entries, c.described(rows.Err())
}

// stands compares to the letter, whatever the collation of the table is.
func (revisionBook) stands(n names, at migration.State) (table, condition string) {
	return "(SELECT (SELECT to_revision FROM " + n.migrations + " ORDER BY id DESC LIMIT 1) AS at) AS m",
		filled("CONVERT(coalesce(m.at, ?) USING utf8mb4) COLLATE utf8mb4_bin = ?", string(migration.Initial), string(at))
}

func (revisionBook) sets(migration.State) string { return "" }

// record adds a row for a step, one that leads down included.
func (b revisionBook) record(ctx context.Context, s *session, c *connection, step migration.Step) error {
	at, err := b.state(ctx, c, forUpdate)
	if err != nil {
		return err
	}
	n := s.backend.names
	var met int64
	if at == step.From {
		met, err = c.exec(ctx, "INSERT INTO "+n.migrations+" (from_revision, to_revision, `timestamp`)"+
			filled(" SELECT ?, ?, UTC_TIMESTAMP() FROM ", string(step.From), string(step.To))+n.lock+" AS l"+filled(" WHERE l.id = 1 AND l.owner = ?", s.lock.owner))
	}
	if err == nil && met != 1 {
		return s.moved(ctx, c, step.From)
	}
	return err
}
