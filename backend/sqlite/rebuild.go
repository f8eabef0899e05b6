package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/internal/sqldef"
	"github.com/fastmigrate/fastmigrate/migration"
)

// rebuilding is what is known of a table that is to be made anew.
type rebuilding struct {
	backend.Rebuild
	known    string   // the columns that there are, in order of their names
	attached string   // the indexes and triggers that there are, likewise
	first    []string // statements that leave out what is not made anew, and give columns new names
	items    []item   // the schema once they have run
	old      []column // the table's columns then
	oldKey   rowKey
	new      []column // the columns of the table that takes its place
	newKey   rowKey
	def      sqldef.Definition
	name     string          // of the new table until it takes the old one's
	keep     string          // the name of the table that the checks are made with
	checked  []string        // the tables whose foreign keys are checked
	set      map[string]bool // the tables, in lower case, of triggers that work now
	measured bool            // there are statistics of ANALYZE about the table
}

// Rebuild returns a script that makes a table anew.
func (b *Backend) Rebuild(ctx context.Context, r backend.Rebuild) (script []byte, err error) {
	if r.Columns != "" && len(r.Change)+len(r.Add) > 0 {
		return nil, errors.New("rebuild: Columns is the whole definition and excludes Change and Add")
	}
	err = b.use(ctx, func(c *connection) error {
		w := &rebuilding{Rebuild: r}
		copied, err := c.copySchema(ctx)
		if err != nil {
			return err
		}
		defer copied.end()
		if err := w.look(ctx, c, copied); err != nil {
			return err
		}
		if err := w.define(ctx, copied); err != nil {
			return err
		}
		statements := w.statements()
		if err := w.prove(ctx, c, statements); err != nil {
			return err
		}
		script = w.write(statements)
		return nil
	})
	return script, err
}

// copySchema makes the same schema in a database in memory.
func (c *connection) copySchema(ctx context.Context) (*scratch, error) {
	items, err := c.schema(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.inMemory(ctx)
	if err != nil {
		return nil, err
	}
	// What refers to our own tables, refers to them in the copy, too.
	rows, err := c.QueryContext(ctx, `SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name COLLATE NOCASE IN ('_meta', ?)`, c.backend.historyName)
	if err == nil {
		defer rows.Close()
		for err == nil && rows.Next() {
			var text string
			if err = rows.Scan(&text); err == nil {
				err = s.exec(ctx, text)
			}
		}
		err = errors.Join(err, rows.Err())
	}
	if err == nil {
		err = s.exec(ctx, string(write(items)))
	}
	if err != nil {
		s.end()
		return nil, c.named(fmt.Errorf("the schema cannot be made anew: %w", describe(err)))
	}
	return s, nil
}

// refuse says why the script is not written.
func (w *rebuilding) refuse(hint, format string, args ...any) error {
	return &migration.Error{Op: "rebuild", Hint: hint, Err: fault.Refused(fmt.Errorf(format, args...))}
}

// namesOf returns the names of columns.
func namesOf(columns []column) (all []string) {
	for _, c := range columns {
		all = append(all, c.name)
	}
	return all
}

// sorted returns names in the order of their bytes, as one text.
func sorted(names []string) string {
	return strings.Join(slices.Sorted(slices.Values(names)), ", ")
}

var _ backend.Rebuilder = (*Backend)(nil)
