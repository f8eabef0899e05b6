// Package history holds the SQL of the history table, which the SQL backends
// share, and the translation between its rows and [migration.Entry].
//
// The table is append-only but for the entry that is running: its status, its
// progress and its end are written over. Times are UTC in RFC 3339 with
// milliseconds, so that their text sorts as they do.
package history

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// DefaultName is the table's name unless the user chooses another.
const DefaultName = "_fastmigrate_history"

// timeFormat is RFC 3339 with milliseconds; times are in UTC always.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// columns are those that are written, in the order of [Table.Args].
const columns = "kind, from_state, to_state, name, direction, state, segments_done, " +
	"prefix_checksum, checksum, started_at, finished_at, duration_ms, tool, host, error"

// Column returns the place of a column in a row of SQLite's table, counted from 0.
func Column(name string) int {
	return slices.Index(strings.Split("id, "+columns+", digest", ", "), name)
}

// Table is a history table by its name, quoted as the database wants it.
type Table struct {
	Quoted  string
	Dialect Dialect
}

// Create returns the statement that makes the table where it is not there. In
// SQLite and MySQL a comment that the schema keeps tells the format; for
// PostgreSQL that takes a statement of its own, see [Table.Comment].
func (t Table) Create() string {
	is := t.Dialect.types()
	return "CREATE TABLE IF NOT EXISTS " + t.Quoted + " (" + is.opening + `
  id ` + is.id + `,
  kind ` + is.word + ` NOT NULL,
  from_state ` + is.word + ` NOT NULL,
  to_state ` + is.word + ` NOT NULL,
  name ` + is.text + ` NOT NULL,
  direction ` + is.word + ` NOT NULL,
  state ` + is.word + ` NOT NULL,
  segments_done ` + is.integer + ` NOT NULL DEFAULT 0,
  prefix_checksum ` + is.word + ` NOT NULL DEFAULT '',
  checksum ` + is.word + ` NOT NULL DEFAULT '',
  started_at ` + is.word + ` NOT NULL,
  finished_at ` + is.word + ` NOT NULL DEFAULT '',
  duration_ms ` + is.integer + ` NOT NULL DEFAULT 0,
  tool ` + is.text + ` NOT NULL` + is.empty + `,
  host ` + is.text + ` NOT NULL` + is.empty + `,
  error ` + is.text + ` NOT NULL` + is.empty + is.digest + `
)` + is.closing
}

// Comment returns the statement that notes the table's format in PostgreSQL.
func (t Table) Comment() string {
	return "COMMENT ON TABLE " + t.Quoted + " IS 'fastmigrate history, format 1'"
}

// Select returns the query for all entries, oldest first, for [Scan].
func (t Table) Select() string {
	return "SELECT id, " + columns + " FROM " + t.Quoted + " ORDER BY id"
}

// Insert returns the statement that adds an entry, for the values of
// [Table.Args].
func (t Table) Insert() string {
	into, values := columns, "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
	if t.digests() {
		into += ", digest"
		values += ", coalesce((SELECT digest FROM " + t.Quoted + " ORDER BY id DESC LIMIT 1), 0) + ?"
	}
	return "INSERT INTO " + t.Quoted + " (" + into + ")" + t.Dialect.numbered(" VALUES ("+values+")")
}

// Update returns the statement that writes an entry's progress and end over,
// for the values of [Table.UpdateArgs].
func (t Table) Update() string {
	set := " SET state = ?, segments_done = ?, prefix_checksum = ?, checksum = ?, finished_at = ?, duration_ms = ?, error = ?"
	if t.digests() {
		set += ", digest = digest + ?"
	}
	return "UPDATE " + t.Quoted + t.Dialect.numbered(set+" WHERE id = ?")
}

// Args returns an entry's values in the order of the columns.
func (t Table) Args(e migration.Entry) []any {
	args := []any{
		e.Kind, string(e.From), string(e.To), e.Name, e.Direction.String(), string(e.Status), e.SegmentsDone,
		string(e.PrefixChecksum), string(e.Checksum), format(e.StartedAt), format(e.FinishedAt),
		e.Duration.Milliseconds(), e.Tool, e.Host, e.Error,
	}
	if t.digests() {
		args = append(args, change(e))
	}
	return args
}

// UpdateArgs returns the values of [Table.Update].
func (t Table) UpdateArgs(e migration.Entry) []any {
	args := []any{
		string(e.Status), e.SegmentsDone, string(e.PrefixChecksum), string(e.Checksum),
		format(e.FinishedAt), e.Duration.Milliseconds(), e.Error,
	}
	if t.digests() {
		args = append(args, change(e))
	}
	return append(args, e.ID)
}

// Scan reads all rows of [Table.Select] and closes them.
func Scan(rows *sql.Rows) ([]migration.Entry, error) {
	defer rows.Close()
	var entries []migration.Entry
	for rows.Next() {
		e, err := ScanRow(rows)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// Row is a row of a query's result: of database/sql, or of pgx.
type Row interface{ Scan(values ...any) error }

// ScanRow reads one row of [Table.Select].
func ScanRow(rows Row) (migration.Entry, error) {
	var e migration.Entry
	var direction, started, finished string
	var milliseconds int64
	err := rows.Scan(&e.ID, &e.Kind, &e.From, &e.To, &e.Name, &direction, &e.Status, &e.SegmentsDone,
		&e.PrefixChecksum, &e.Checksum, &started, &finished, &milliseconds, &e.Tool, &e.Host, &e.Error)
	if err != nil {
		return e, fmt.Errorf("read history: %w", err)
	}
	if e.Direction, err = migration.ParseDirection(direction); err != nil {
		return e, fmt.Errorf("read history, entry %d: %w", e.ID, err)
	}
	e.StartedAt, e.FinishedAt = parse(started), parse(finished)
	e.Duration = time.Duration(milliseconds) * time.Millisecond
	return e, nil
}

func format(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeFormat)
}

// parse returns the zero time for what is not a time: a history that a person
// edited must not stop a run.
func parse(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
