package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// createFunctions makes the table of functions, to the letter as the Python tool
// fastlite-migrations makes it.
const createFunctions = "CREATE TABLE migrations (id INTEGER PRIMARY KEY, name TEXT, inserted_at TEXT DEFAULT CURRENT_TIMESTAMP NOT NULL) STRICT"

// functionBook is the functions that are applied: the table migrations has a row
// for each.
type functionBook struct{}

func (functionBook) kind() string     { return migration.Functions }
func (functionBook) table() string    { return "migrations" }
func (functionBook) create() []string { return []string{createFunctions} }

// state returns the highest number that is applied.
func (b functionBook) state(ctx context.Context, c *connection) (migration.State, error) {
	if there, err := b.there(ctx, c); err != nil || !there {
		return migration.None, err
	}
	var highest sql.NullInt64
	if err := c.QueryRowContext(ctx, "SELECT max(id) FROM main.migrations").Scan(&highest); err != nil {
		return "", c.named(describe(err))
	}
	if !highest.Valid {
		return migration.None, nil
	}
	return migration.Version(highest.Int64).State(), nil
}

func (functionBook) there(ctx context.Context, c *connection) (bool, error) {
	return c.kept(ctx, "id", "name", "inserted_at")
}

// entries returns the rows, as entries of what is applied.
func (b functionBook) entries(ctx context.Context, c *connection) ([]migration.Entry, error) {
	if there, err := b.there(ctx, c); err != nil || !there {
		return nil, err
	}
	// A cast, because drivers turn values into what the column says.
	rows, err := c.QueryContext(ctx, "SELECT id, coalesce(name, ''), CAST(inserted_at AS TEXT) FROM main.migrations ORDER BY id")
	if err != nil {
		return nil, c.named(describe(err))
	}
	defer rows.Close()
	var entries []migration.Entry
	from := migration.None
	for rows.Next() {
		e := migration.Entry{Kind: migration.Functions, From: from, Status: migration.Applied}
		var inserted sql.NullString
		if err := rows.Scan(&e.ID, &e.Name, &inserted); err != nil {
			return nil, describe(err)
		}
		e.To = migration.Version(e.ID).State()
		e.FinishedAt = parseTime(inserted.String)
		e.StartedAt = e.FinishedAt
		entries = append(entries, e)
		from = e.To
	}
	return entries, describe(rows.Err())
}

// record adds a row for a function, or removes it.
func (functionBook) record(ctx context.Context, c *connection, steps []migration.Step) error {
	for _, s := range steps {
		id := int64(s.Migration.Version)
		if s.Direction == migration.Up {
			if _, err := c.prepared(ctx, "INSERT INTO main.migrations (id, name) VALUES (?, ?)", id, s.Migration.Name); err != nil {
				if strings.Contains(err.Error(), "UNIQUE constraint failed") {
					return taken(err, fmt.Sprintf("function %d was applied", id))
				}
				return fmt.Errorf("record function %d: %w", id, err)
			}
			continue
		}
		result, err := c.prepared(ctx, "DELETE FROM main.migrations WHERE id = ?", id)
		if err != nil {
			return fmt.Errorf("record function %d: %w", id, err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return taken(err, fmt.Sprintf("function %d was taken back", id))
		}
	}
	return nil
}

// parseTime reads a time as SQLite's CURRENT_TIMESTAMP writes it, or as RFC 3339;
// it returns the zero time for what is neither.
func parseTime(text string) time.Time {
	for _, layout := range []string{time.DateTime, time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
