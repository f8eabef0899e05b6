package sqlite

import (
	"context"
	"errors"
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
	// table names the table, in lower case.
	table() string
	// create returns the statements that make the table.
	create() []string
	// state reads where the database stands.
	state(ctx context.Context, c *connection) (migration.State, error)
	// entries reads what the table itself tells of the past.
	entries(ctx context.Context, c *connection) ([]migration.Entry, error)
	// record writes, inside a transaction that has read the state before, that
	// steps were made.
	record(ctx context.Context, c *connection, steps []migration.Step) error
}

// Keep returns the same database with another book.
func (b *Backend) Keep(k backend.Book) (backend.Backend, error) {
	kept := *b
	kept.writesHistory = k.History || k.Kind == migration.Files
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

// state reads where the database stands.
func (c *connection) state(ctx context.Context) (migration.State, error) {
	return c.backend.book.state(ctx, c)
}

// move writes where the database stands now, inside a transaction that has
// read where it stood.
func (c *connection) move(ctx context.Context, steps ...migration.Step) error {
	return c.backend.book.record(ctx, c, steps)
}

// past reads the entries that planning needs: those of the book's own table, and
// those of the history table.
func (c *connection) past(ctx context.Context) ([]migration.Entry, error) {
	if c.backend.book.kind() == migration.Files {
		return c.history(ctx)
	}
	return c.backend.book.entries(ctx, c)
}

// ensure makes the tables that a transaction of ours is going to write to, where
// they are not there.
func (c *connection) ensure(ctx context.Context) error {
	if c.backend.writesHistory {
		if err := c.exec(ctx, c.backend.table.Create()); err != nil {
			return err
		}
		columns, err := c.columns(ctx, c.backend.historyName)
		if err == nil && !slices.Contains(columns, "digest") { // it was made before there were digests
			err = c.exec(ctx, "ALTER TABLE "+c.backend.table.Quoted+" ADD COLUMN digest INTEGER NOT NULL DEFAULT 0")
		}
		if err != nil {
			return err
		}
	}
	b := c.backend.book
	if b.kind() == migration.Files {
		return nil // a database without a version is not ours to write to
	}
	columns, err := c.columns(ctx, b.table())
	if err != nil || len(columns) > 0 {
		return err
	}
	for _, statement := range b.create() {
		if err := c.exec(ctx, statement); err != nil {
			return fmt.Errorf("make the table %s: %w", b.table(), err)
		}
	}
	return nil
}

// columns returns the names of a table's columns in lower case, or none where
// there is no such table.
func (c *connection) columns(ctx context.Context, table string) ([]string, error) {
	return names(ctx, c, "SELECT lower(name) FROM pragma_table_info(?, 'main')", table)
}

// kept says whether the book's table is there, and fails where a table of its
// name is not what it should be.
func (c *connection) kept(ctx context.Context, want ...string) (bool, error) {
	table := c.backend.book.table()
	have, err := c.columns(ctx, table)
	if err != nil {
		return false, c.named(err)
	}
	if len(have) == 0 {
		return false, nil
	}
	for _, column := range want {
		if !slices.Contains(have, column) {
			return false, &migration.Error{
				Op: "open",
				Err: fmt.Errorf("%w: the table %s has the columns %s, and not %s%s", migration.ErrBadVersion,
					table, strings.Join(have, ", "), column, c.at()),
				Hint: "another program's table has this name; rename that one, or use numbered files, whose table is _meta",
			}
		}
	}
	return true, nil
}

// versionBook is the version of numbered files, in _meta.
type versionBook struct{}

func (versionBook) kind() string  { return migration.Files }
func (versionBook) table() string { return "_meta" }
func (versionBook) create() []string {
	return []string{createMeta, "INSERT INTO main._meta (id, version) VALUES (1, 0)"}
}

func (versionBook) state(ctx context.Context, c *connection) (migration.State, error) {
	return c.version(ctx)
}

func (versionBook) entries(ctx context.Context, c *connection) ([]migration.Entry, error) {
	return c.history(ctx)
}

func (versionBook) record(ctx context.Context, c *connection, steps []migration.Step) error {
	return c.setVersion(ctx, steps[len(steps)-1].To)
}

// taken says that a row is there already, or not there any more, which another
// program must have written.
func taken(err error, what string) error {
	return &migration.Error{
		Op:   "apply",
		Err:  errors.Join(fmt.Errorf("%w: %s, while this run was at work", migration.ErrMoved, what), err),
		Hint: "find out what else migrates this database; then run again",
	}
}
