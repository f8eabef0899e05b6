package postgres

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// revisionBook is the steps that were ever made along the graph of revisions:
// the table migrations has a row for each, to the letter as the Python tool
// asyncpg-trek makes it.
type revisionBook struct{}

func (revisionBook) kind() string { return migration.Revisions }

// schema is the one that the Python tool takes, whatever the search path is.
func (revisionBook) schema() string { return "'public'" }

func (revisionBook) create(c *connection) []string {
	return []string{
		"CREATE TABLE " + c.bookTable() + " (id SERIAL PRIMARY KEY, from_revision TEXT, to_revision TEXT, timestamp TIMESTAMP NOT NULL DEFAULT current_timestamp)",
		"CREATE INDEX migrations_timestamp_idx ON " + c.bookTable() + " (timestamp)",
	}
}

func (revisionBook) fits(...migration.State) error { return nil }

func (revisionBook) there(ctx context.Context, c *connection) (bool, error) {
	return c.kept(ctx, "id", "from_revision", "to_revision", "timestamp")
}

// newest is the expression for where the newest step led.
func (revisionBook) newest(c *connection) string {
	return "coalesce((SELECT coalesce(to_revision, '') FROM " + c.bookTable() + " ORDER BY id DESC LIMIT 1), " + literal(string(migration.Initial)) + ")"
}

// state returns where the newest step led.
func (b revisionBook) state(ctx context.Context, c *connection) (migration.State, error) {
	if there, err := b.there(ctx, c); err != nil || !there {
		return migration.Initial.State(), err
	}
	rows, err := c.query(ctx, "SELECT "+b.newest(c))
	if err != nil {
		return "", c.named(err)
	}
	if len(rows[0][0]) == 0 {
		return "", &migration.Error{
			Op: "open", Err: fmt.Errorf("%w: the newest row of %s names no revision: %s", migration.ErrBadVersion, c.bookTable(), c.public),
			Hint: "set its to_revision to the revision that the database is at",
		}
	}
	return migration.State(rows[0][0]), nil
}

// entries returns the rows, oldest first.
func (b revisionBook) entries(ctx context.Context, c *connection) ([]migration.Entry, error) {
	if there, err := b.there(ctx, c); err != nil || !there {
		return nil, err
	}
	rows, err := c.query(ctx, "SELECT id, coalesce(from_revision, ''), coalesce(to_revision, ''), "+utc("timestamp")+" FROM "+c.bookTable()+" ORDER BY id")
	if err != nil {
		return nil, c.named(err)
	}
	var entries []migration.Entry
	for _, r := range rows {
		e := migration.Entry{ID: number(r[0]), Kind: migration.Revisions, From: migration.State(r[1]), To: migration.State(r[2]), Status: migration.Applied}
		e.FinishedAt = readTime(r[3])
		e.StartedAt = e.FinishedAt
		entries = append(entries, e)
	}
	return entries, nil
}

func (b revisionBook) expect(c *connection, from migration.State) []string {
	return []string{c.lockBook(), fmt.Sprintf("SELECT CASE WHEN at = %s THEN 0 ELSE %s END FROM (SELECT %s AS at) AS m",
		literal(string(from)), raise(raisedMoved, "at"), b.newest(c))}
}

// move adds a row for a step, for one that leads down, too.
func (b revisionBook) move(c *connection, s migration.Step) string {
	return fmt.Sprintf("WITH moved AS (INSERT INTO %[1]s (from_revision, to_revision) SELECT %[2]s, %[3]s WHERE %[4]s = %[2]s RETURNING 1) "+
		"SELECT CASE WHEN (SELECT count(*) FROM moved) = 1 THEN 0 ELSE %[5]s END",
		c.bookTable(), literal(string(s.From)), literal(string(s.To)), b.newest(c), raise(raisedMoved, b.newest(c)))
}

func (revisionBook) wait(c *connection) string { return c.lockBook() }
