package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

// createMeta makes the version table, to the letter as the Python tool
// fastmigrate makes it.
const createMeta = "CREATE TABLE _meta (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL DEFAULT 0)"

// version reads the version and checks that the version table can be relied on.
func (c *connection) version(ctx context.Context) (migration.State, error) {
	var kind, text sql.NullString
	err := c.row(ctx, "SELECT type, sql FROM main.sqlite_schema WHERE name = '_meta' COLLATE NOCASE AND type IN ('table', 'view')").Scan(&kind, &text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", c.notManaged()
	case err != nil:
		return "", c.named(describe(err))
	case kind.String != "table":
		return "", c.badVersion("_meta is a " + kind.String + ", not a table")
	}
	if text.String != createMeta {
		if err := c.checkMeta(ctx); err != nil {
			return "", err
		}
	}
	var sort string
	var version sql.NullInt64
	// A cast in SQL, because drivers turn values into what the column says.
	err = c.row(ctx, "SELECT typeof(version), CAST(version AS INTEGER), CAST(version AS TEXT) FROM main._meta WHERE id = 1").Scan(&sort, &version, &text)
	if _, notNumber := strconv.ParseInt(text.String, 10, 64); err == nil && sort == "text" && notNumber == nil {
		sort = "integer" // a number that its column keeps as text, which the Python tool reads
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", c.badVersion("_meta has no row with id 1")
	case err != nil:
		return "", c.badVersion(describe(err).Error())
	case sort != "integer" && sort != "real":
		return "", c.badVersion("the version in _meta is of type " + sort)
	case version.Int64 < 0:
		return "", c.badVersion(fmt.Sprintf("the version in _meta is %d", version.Int64))
	}
	return migration.Version(version.Int64).State(), nil
}

// checkMeta refuses a version table that another hand made so that it can hold
// several rows for one id.
func (c *connection) checkMeta(ctx context.Context) error {
	var unique bool
	err := c.row(ctx, `SELECT
		EXISTS (SELECT 1 FROM pragma_table_info('_meta', 'main') WHERE name = 'id' COLLATE NOCASE AND pk = 1)
		AND (SELECT count(*) FROM pragma_table_info('_meta', 'main') WHERE pk > 0) = 1
		OR EXISTS (SELECT 1 FROM pragma_index_list('_meta', 'main') AS l
			WHERE l."unique" AND NOT l.partial
			AND (SELECT group_concat(lower(i.name)) FROM pragma_index_info(l.name, 'main') AS i) = 'id')`).Scan(&unique)
	if err != nil {
		return c.named(describe(err))
	}
	if !unique {
		return c.badVersion("the column id of _meta is not unique")
	}
	return nil
}

func (c *connection) notManaged() error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: it has no version table _meta%s", migration.ErrNotManaged, c.at()),
		Hint: "fastmigrate enroll adopts an existing database",
	}
}

func (c *connection) badVersion(why string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: %s%s", migration.ErrBadVersion, why, c.at()),
		Hint: "mend it so that it is one row: " + createMeta,
	}
}

// at names the database at the end of a sentence.
func (c *connection) at() string {
	if c.backend.path == "" {
		return ""
	}
	return ": " + c.backend.path
}

// setVersion writes the version, inside a transaction that has read it before.
func (c *connection) setVersion(ctx context.Context, to migration.State) error {
	v, err := to.Version()
	if err != nil {
		return err
	}
	result, err := c.prepared(ctx, "UPDATE main._meta SET version = ? WHERE id = 1", int64(v))
	if err != nil {
		return fmt.Errorf("write the version: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("%w: the script removed its row from _meta", migration.ErrBadVersion)
	}
	return nil
}

// expect fails unless the database stands at one of the states. Inside an
// immediate transaction this, together with setVersion, is a compare-and-set.
func (c *connection) expect(ctx context.Context, states ...migration.State) error {
	at, err := c.state(ctx)
	if err != nil {
		return err
	}
	for _, s := range states {
		if at == s {
			return nil
		}
	}
	return &migration.Error{
		Op:   "apply",
		Err:  fmt.Errorf("%w: from %s to %s, while this run was at work", migration.ErrMoved, states[0], at),
		Hint: "find out what else migrates this database; then run again",
	}
}

// history reads the history table, if there is one.
func (c *connection) history(ctx context.Context) ([]migration.Entry, error) {
	there, err := c.hasHistory(ctx)
	if err != nil || !there {
		return nil, err
	}
	rows, err := c.QueryContext(ctx, c.backend.table.Select())
	if err != nil {
		return nil, c.named(fmt.Errorf("read history: %w", describe(err)))
	}
	return history.Scan(rows)
}

// hasHistory says whether there is a history table.
func (c *connection) hasHistory(ctx context.Context) (there bool, err error) {
	err = c.row(ctx, "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE)",
		c.backend.historyName).Scan(&there)
	if err != nil {
		return false, c.named(describe(err))
	}
	return there, nil
}

// enter adds an entry to the history, where one is kept.
func (c *connection) enter(ctx context.Context, e migration.Entry) error {
	if !c.backend.writesHistory {
		return nil
	}
	_, err := c.insert(ctx, e)
	return err
}

// insert adds an entry to the history and returns the entry's id.
func (c *connection) insert(ctx context.Context, e migration.Entry) (int64, error) {
	result, err := c.prepared(ctx, c.backend.table.Insert(), c.backend.table.Args(e)...)
	if err != nil {
		return 0, fmt.Errorf("write history: %w", err)
	}
	return result.LastInsertId()
}

// update writes an entry's progress or end over, or adds the entry if its row
// is gone: an outside program may have put another file in place.
func (c *connection) update(ctx context.Context, e migration.Entry) error {
	result, err := c.prepared(ctx, c.backend.table.Update(), c.backend.table.UpdateArgs(e)...)
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	if n, err := result.RowsAffected(); err == nil && n == 1 {
		return nil
	}
	_, err = c.insert(ctx, e)
	return err
}
