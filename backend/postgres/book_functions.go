package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// functionBook is the functions that are applied: the table migrations has a row
// for each, with the columns of the Python tool fastlite-migrations.
type functionBook struct{}

func (functionBook) kind() string   { return migration.Functions }
func (functionBook) schema() string { return onPath(books) }

func (functionBook) create(c *connection) []string {
	return []string{"CREATE TABLE " + c.bookTable() + " (id BIGINT PRIMARY KEY, name TEXT, inserted_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP)"}
}

func (functionBook) fits(states ...migration.State) error {
	for _, s := range states {
		if s == migration.None {
			continue
		}
		if _, err := s.Version(); err != nil {
			return err
		}
	}
	return nil
}

func (functionBook) there(ctx context.Context, c *connection) (bool, error) {
	return c.kept(ctx, "id", "name", "inserted_at")
}

// highest is the query for the highest number that is applied.
func (functionBook) highest(c *connection) string {
	return "SELECT coalesce(max(id)::pg_catalog.text, " + literal(string(migration.None)) + ") AS at FROM " + c.bookTable()
}

// state returns the highest number that is applied.
func (b functionBook) state(ctx context.Context, c *connection) (migration.State, error) {
	if there, err := b.there(ctx, c); err != nil || !there {
		return migration.None, err
	}
	rows, err := c.query(ctx, b.highest(c))
	if err != nil {
		return "", c.named(err)
	}
	return migration.State(rows[0][0]), nil
}

// entries returns the rows, as entries of what is applied.
func (b functionBook) entries(ctx context.Context, c *connection) ([]migration.Entry, error) {
	if there, err := b.there(ctx, c); err != nil || !there {
		return nil, err
	}
	rows, err := c.query(ctx, "SELECT id, coalesce(name, ''), "+utc("inserted_at")+" FROM "+c.bookTable()+" ORDER BY id")
	if err != nil {
		return nil, c.named(err)
	}
	var entries []migration.Entry
	from := migration.None
	for _, r := range rows {
		e := migration.Entry{ID: number(r[0]), Kind: migration.Functions, From: from, Name: string(r[1]), Status: migration.Applied}
		e.To = migration.Version(e.ID).State()
		e.FinishedAt = readTime(r[2])
		e.StartedAt = e.FinishedAt
		entries = append(entries, e)
		from = e.To
	}
	return entries, nil
}

func (b functionBook) expect(c *connection, from migration.State) []string {
	return []string{c.lockBook(), fmt.Sprintf("SELECT CASE WHEN at = %s THEN 0 ELSE %s END FROM (%s) AS m",
		literal(string(from)), raise(raisedMoved, "at"), b.highest(c))}
}

// move adds a row for a function, or removes it.
func (b functionBook) move(c *connection, s migration.Step) string {
	change := fmt.Sprintf("INSERT INTO %s (id, name) VALUES (%d, %s) ON CONFLICT DO NOTHING RETURNING 1",
		c.bookTable(), int64(s.Migration.Version), literal(s.Migration.Name))
	if s.Direction == migration.Down {
		change = fmt.Sprintf("DELETE FROM %s WHERE id = %d RETURNING 1", c.bookTable(), int64(s.Migration.Version))
	}
	return fmt.Sprintf("WITH moved AS (%s) SELECT CASE WHEN (SELECT count(*) FROM moved) = 1 THEN 0 ELSE %s END",
		change, raise(raisedMoved, "(SELECT at FROM ("+b.highest(c)+") AS m)"))
}

// readTime reads a time as [utc] shows it; it returns the zero time for none.
func readTime(text []byte) time.Time {
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func (functionBook) wait(c *connection) string { return c.lockBook() }
