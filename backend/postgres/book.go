package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// book is in which table a database keeps where it stands.
type book interface {
	// kind is the kind of history.
	kind() string
	// schema is where the table is unless the options say, as SQL.
	schema() string
	// fits fails where the table can't hold a state.
	fits(states ...migration.State) error
	// create returns the statements that make the table.
	create(c *connection) []string
	// state reads where the database stands.
	state(ctx context.Context, c *connection) (migration.State, error)
	// entries reads what the table itself tells of the past.
	entries(ctx context.Context, c *connection) ([]migration.Entry, error)
	// wait returns the statement that waits for a transaction in which another
	// connection moves the database.
	wait(c *connection) string
	// expect returns statements the last of which fails unless the database
	// stands at a state; nobody can move it then until the transaction ends.
	expect(c *connection, from migration.State) []string
	// move returns the statement that records a step, and fails unless the
	// database stands where the step begins.
	move(c *connection, s migration.Step) string
}

// Keep returns the same database with another book. Both share what is open.
func (b *Backend) Keep(k backend.Book) (backend.Backend, error) {
	kept := *b
	kept.writesHistory = k.History || k.Kind == migration.Files
	kept.home = &home{schema: b.options.Schema}
	switch k.Kind {
	case migration.Files:
		kept.book = versionBook{}
	case migration.Functions:
		kept.book = functionBook{}
	case migration.Revisions:
		kept.book = revisionBook{}
	default:
		return nil, &migration.Error{Op: "open", Err: fmt.Errorf("%w: a history of %s", migration.ErrUnsupported, k.Kind)}
	}
	return &kept, nil
}

// isFiles says whether it is the version of numbered files that is kept.
func (b *Backend) isFiles() bool { return b.book.kind() == migration.Files }

// state reads where the database stands.
func (c *connection) state(ctx context.Context) (migration.State, error) {
	return c.backend.book.state(ctx, c)
}

// past reads the entries that planning needs: those of the book's own table, and
// behind them what the history table says did not come to its end. It says
// whether there is a history table.
func (c *connection) past(ctx context.Context) (entries []migration.Entry, there bool, err error) {
	history, there, err := c.history(ctx)
	if err != nil || c.backend.isFiles() {
		return history, there, err
	}
	entries, err = c.backend.book.entries(ctx, c)
	for _, e := range slices.Backward(history) {
		if e.Kind == c.backend.book.kind() {
			if !e.Ended() {
				entries = append(entries, e)
			}
			break
		}
	}
	return entries, there, err
}

// books is the name of the table that both the other books have.
const books = "migrations"

// bookTable returns that table's name with its schema.
func (c *connection) bookTable() string { return quote(c.schema) + "." + books }

// kept says whether the book's table is there, and fails where a table of its
// name is not what it should be.
func (c *connection) kept(ctx context.Context, want ...string) (bool, error) {
	rows, err := c.query(ctx, fmt.Sprintf(`SELECT a.attname, n.oid FROM pg_catalog.pg_namespace AS n
		LEFT JOIN pg_catalog.pg_class AS t ON t.relnamespace = n.oid AND t.relname = %s AND t.relkind IN ('r', 'p', 'v', 'f', 'm')
		LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE n.nspname = %s ORDER BY a.attnum`, literal(books), literal(c.schema)))
	if err != nil {
		return false, c.named(err)
	}
	c.looked, c.hasSchemaToo, c.hasBook = true, len(rows) > 0, false
	var have []string
	for _, r := range rows {
		if r[0] != nil {
			have = append(have, string(r[0]))
		}
	}
	if len(have) == 0 {
		return false, nil
	}
	for _, column := range want {
		if !slices.Contains(have, column) {
			return false, &migration.Error{
				Op: "open",
				Err: fmt.Errorf("%w: the table %s has the columns %s, and not %s: %s", migration.ErrBadVersion,
					c.bookTable(), strings.Join(have, ", "), column, c.public),
				Hint: "another program's table has this name; name another schema, or use numbered files, whose table is _meta",
			}
		}
	}
	c.hasBook = true
	return true, nil
}

// ensure adds what makes the book's table and its schema where they are not
// there. A database without the version of numbered files is not ours to write
// to.
func (s *session) ensure(b *batch) {
	c := s.conn
	if s.backend.isFiles() || c.hasBook || s.ensured {
		return
	}
	s.ensured = true
	for _, statement := range c.missing() {
		b.ours(statement)
	}
}

// missing returns the statements that make the book's table, and its schema if
// that is not there; without IF NOT EXISTS, which asks for a right that is not
// needed then.
func (c *connection) missing() (statements []string) {
	if !c.hasSchemaToo {
		statements = append(statements, "CREATE SCHEMA "+quote(c.schema))
	}
	return append(statements, c.backend.book.create(c)...)
}

// guard adds what fails unless the database stands where it should.
func (s *session) guard(b *batch, from migration.State) {
	s.ensure(b)
	for _, statement := range s.backend.book.expect(s.conn, from) {
		b.ours(statement)
	}
}

// committed notes that a transaction is durable which made our tables.
func (s *session) committed() {
	s.conn.hasBook = true
	s.hasHistory = s.hasHistory || s.backend.writesHistory
}

// lockBook keeps others from writing to the table until the transaction ends.
// It comes before the transaction's snapshot is taken.
func (c *connection) lockBook() string {
	return "LOCK TABLE " + c.bookTable() + " IN SHARE ROW EXCLUSIVE MODE"
}

// utc returns what shows a time of the table as RFC 3339, whatever the column's
// type.
func utc(column string) string {
	return "pg_catalog.to_char(" + column + "::pg_catalog.timestamptz AT TIME ZONE 'UTC', " + serverTime + ")"
}
