package mysql

import (
	"context"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// book is in which table a database keeps where it stands.
type book interface {
	// kind is the kind of history.
	kind() string
	// create returns the statement that makes the table where it is not there.
	create(n names) string
	// state reads where the database stands. locking is what a query ends with
	// that reads what is committed by now, and keeps it so; or empty.
	state(ctx context.Context, c *connection, locking string) (migration.State, error)
	// entries reads what the table itself tells of the past.
	entries(ctx context.Context, c *connection) ([]migration.Entry, error)
	// stands returns the table, named m, and the condition by which a statement
	// meets no row unless the database stands at a state.
	stands(n names, at migration.State) (table, condition string)
	// sets returns what an UPDATE of m sets, beside other things, to move the
	// database; it is empty where that takes a row, which record writes.
	sets(to migration.State) string
	// record writes, inside an open transaction, that a step was made, while
	// the database stands at the step's From and the lock is ours.
	record(ctx context.Context, s *session, c *connection, step migration.Step) error
}

// forUpdate is the locking by which a record is a compare-and-set.
const forUpdate = " FOR UPDATE"

// Keep returns the same database with another book. Revisions are entered into
// the history table always: their scripts are followed statement by statement.
func (b *Backend) Keep(k backend.Book) (backend.Backend, error) {
	kept := &Backend{shared: b.shared, writesHistory: true}
	switch k.Kind {
	case migration.Files:
		kept.book = versionBook{}
	case migration.Functions:
		kept.book, kept.writesHistory = functionBook{}, k.History
	case migration.Revisions:
		kept.book = revisionBook{}
	default:
		return nil, &migration.Error{Op: "open", Err: fmt.Errorf("%w: a history of %s", migration.ErrUnsupported, k.Kind)}
	}
	return kept, nil
}

// state reads where the database stands.
func (c *connection) state(ctx context.Context) (migration.State, error) {
	return c.backend.book.state(ctx, c, "")
}

// past reads the entries that planning needs: those of the book's own table,
// and behind them what was begun and did not come to its end.
func (c *connection) past(ctx context.Context) ([]migration.Entry, error) {
	b := c.backend.book
	entries, err := b.entries(ctx, c)
	if err != nil || b.kind() == migration.Files {
		return entries, err
	}
	e, ok, err := c.last(ctx)
	if err == nil && ok && !e.Ended() {
		entries = append(entries, e)
	}
	return entries, err
}

// keep makes the book's table if it is not there. The server commits with that,
// so it is done before a step begins; without a row the table means nothing.
func (s *session) keep(ctx context.Context, c *connection) error {
	b := s.backend.book
	if s.kept || b.kind() == migration.Files {
		return nil // a database without a version is not ours to write to
	}
	found, err := c.strings(ctx, filled("SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = 'migrations'", s.backend.names.database))
	if err == nil && len(found) == 0 {
		if s.backend.inside {
			return s.backend.noTables("migrations")
		}
		err = c.do(ctx, b.create(s.backend.names))
	}
	if err != nil {
		return fmt.Errorf("make the table migrations: %w", err)
	}
	s.kept = true
	return nil
}

// unusable says why the table migrations, which a query did not take, is not
// what it should be.
func (c *connection) unusable(ctx context.Context, cause error) error {
	columns, err := c.strings(ctx, filled("SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = 'migrations' ORDER BY ordinal_position", c.backend.names.database))
	why := cause.Error()
	if err == nil {
		why = "the table migrations has the columns " + strings.Join(columns, ", ") + " (" + why + ")"
	}
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: %s: %s", migration.ErrBadVersion, why, c.backend.address.shown),
		Hint: "another program's table has this name; rename that one, or use numbered files, whose table is _meta",
	}
}

// number returns the number of a function in a sequence.
func number(s migration.Step) int64 { return int64(s.Migration.Version) }
