package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// The table of revisions has the columns of the Python tool asyncpg-trek's. That
// one says "id SERIAL PRIMARY KEY", which SQLite leaves NULL in each row; its
// tables are read, and written, by rowid.
const (
	createRevisions = "CREATE TABLE migrations (id INTEGER PRIMARY KEY, from_revision TEXT, to_revision TEXT, timestamp TIMESTAMP NOT NULL DEFAULT current_timestamp)"
	indexRevisions  = "CREATE INDEX migrations_timestamp_idx ON migrations (timestamp)"
)

// revisionBook is the steps that were ever made along the graph of revisions:
// the table migrations has a row for each.
type revisionBook struct{}

func (revisionBook) kind() string     { return migration.Revisions }
func (revisionBook) table() string    { return "migrations" }
func (revisionBook) create() []string { return []string{createRevisions, indexRevisions} }

// state returns where the newest step led.
func (b revisionBook) state(ctx context.Context, c *connection) (migration.State, error) {
	if there, err := b.there(ctx, c); err != nil || !there {
		return migration.Initial.State(), err
	}
	var to sql.NullString
	err := c.QueryRowContext(ctx, "SELECT to_revision FROM main.migrations ORDER BY rowid DESC LIMIT 1").Scan(&to)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return migration.Initial.State(), nil
	case err != nil:
		return "", c.named(describe(err))
	case to.String == "":
		return "", &migration.Error{
			Op: "open", Err: fmt.Errorf("%w: the newest row of migrations names no revision%s", migration.ErrBadVersion, c.at()),
			Hint: "set its to_revision to the revision that the database is at",
		}
	}
	return migration.State(to.String), nil
}

func (revisionBook) there(ctx context.Context, c *connection) (bool, error) {
	return c.kept(ctx, "from_revision", "to_revision", "timestamp")
}

// entries returns the rows, oldest first.
func (b revisionBook) entries(ctx context.Context, c *connection) ([]migration.Entry, error) {
	if there, err := b.there(ctx, c); err != nil || !there {
		return nil, err
	}
	rows, err := c.QueryContext(ctx, "SELECT rowid, coalesce(from_revision, ''), coalesce(to_revision, ''), CAST(timestamp AS TEXT) FROM main.migrations ORDER BY rowid")
	if err != nil {
		return nil, c.named(describe(err))
	}
	defer rows.Close()
	var entries []migration.Entry
	for rows.Next() {
		e := migration.Entry{Kind: migration.Revisions, Status: migration.Applied}
		var at sql.NullString
		if err := rows.Scan(&e.ID, &e.From, &e.To, &at); err != nil {
			return nil, describe(err)
		}
		e.FinishedAt = parseTime(at.String)
		e.StartedAt = e.FinishedAt
		entries = append(entries, e)
	}
	return entries, describe(rows.Err())
}

// record adds a row for each step, those that lead down included.
func (revisionBook) record(ctx context.Context, c *connection, steps []migration.Step) error {
	for _, s := range steps {
		_, err := c.prepared(ctx, "INSERT INTO main.migrations (from_revision, to_revision) VALUES (?, ?)", string(s.From), string(s.To))
		if err != nil {
			return fmt.Errorf("record revision %s: %w", s.To, err)
		}
	}
	return nil
}
