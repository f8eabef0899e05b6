package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqldef"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// define works the new definition out, and refuses what would lose a column.
func (w *rebuilding) define(ctx context.Context, copied *scratch) error {
	if err := w.newDefinition(); err != nil {
		return err
	}
	if err := copied.exec(ctx, w.def.Create(w.Table, w.name)); err != nil {
		return w.refuse("the new definition would be:\n"+w.def.Create(w.Table, w.Table), "%s cannot be defined so: %v", w.Table, err)
	}
	var err error
	if w.new, err = copied.tableColumns(ctx, w.name); err != nil {
		return err
	}
	if w.newKey, err = copied.rowKey(ctx, w.name, w.new); err != nil {
		return err
	}
	return w.complete()
}

// newDefinition applies what is wished to the present definition.
func (w *rebuilding) newDefinition() error {
	at := slices.IndexFunc(w.items, func(i item) bool { return i.kind == "table" && i.name == w.Table })
	now, err := sqldef.Parse(w.items[at].text)
	if err != nil {
		return w.refuse("", "the present definition of %s cannot be read: %v", w.Table, err)
	}
	w.def = now
	if w.Columns != "" {
		given, err := sqldef.Parse(w.Columns)
		switch {
		case err != nil:
			return w.refuse("", "%v", err)
		case given.Table != "" && !strings.EqualFold(given.Table, w.Table):
			return w.refuse("", "the new definition is that of %s, and not of %s", given.Table, w.Table)
		}
		if w.def.Parts = given.Parts; given.Table != "" {
			w.def.Options = given.Options
		}
	}
	for _, part := range w.Change {
		if err := w.def.Change(part); err != nil {
			return w.refuse("--add adds a column", "%v", err)
		}
	}
	for _, column := range w.Drop {
		if _, there := columnNamed(w.old, column); !there {
			return w.refuse("", "%s has no column %s to drop", w.Table, column)
		}
		if w.Columns == "" {
			w.def.Drop(column)
		}
	}
	for _, part := range w.Add {
		w.def.Add(part)
	}
	if w.Options != nil {
		w.def.Options = strings.TrimSpace(*w.Options)
	}
	return nil
}

// complete refuses a new table in which values would be lost, or which has
// columns that nothing fills.
func (w *rebuilding) complete() error {
	for _, c := range w.old {
		to, there := columnNamed(w.new, c.name)
		named := slices.ContainsFunc(w.Drop, func(name string) bool { return strings.EqualFold(name, c.name) })
		switch {
		case there && (!to.generated || c.generated):
		case named:
		case there:
			return w.refuse("--drop "+c.name+" says that they are to go",
				"the values of column %s would be lost: it becomes a generated one", c.name)
		default:
			return w.refuse("--drop "+c.name+" says that it is to go, --rename "+c.name+"=NEW that it has another name",
				"column %s of %s would be lost", c.name, w.Table)
		}
	}
	for _, i := range w.items {
		if i.kind != "trigger" || !strings.EqualFold(i.table, w.Table) {
			continue
		}
		for _, name := range watched(i.text) {
			if _, there := columnNamed(w.new, name); !there {
				return w.leaves(i, fmt.Errorf("it waits for changes of %s", name))
			}
		}
	}
	for name := range w.Fill {
		c, there := columnNamed(w.new, name)
		if !there || c.generated {
			return w.refuse("", "%s has no column %s to fill", w.Table, name)
		}
	}
	for _, c := range w.new {
		if _, there := columnNamed(w.old, c.name); !there && c.required && !c.defaulted && !c.generated &&
			w.fill(c.name) == "" && c.name != w.newKey.alias {
			return w.refuse("give it a DEFAULT, or say --fill '"+c.name+"=EXPRESSION'",
				"nothing says what the new column %s holds in the rows that there are, and it is NOT NULL", c.name)
		}
	}
	return nil
}

// watched returns the columns that a trigger waits for: UPDATE OF … . SQLite does
// not mind where they are not there, and never sets such a trigger off.
func watched(text string) (columns []string) {
	reading := false
	for t := range sqlscan.Tokens([]byte(text), sqlscan.SQLite) {
		switch {
		case t.Is("OF"):
			reading = true
		case t.Is("ON") || t.Is("BEGIN"):
			return columns
		case reading && string(t.Text) != ",":
			columns = append(columns, sqlscan.Unquote(t))
		}
	}
	return columns
}

// fill returns the expression for a column, or "".
func (w *rebuilding) fill(column string) string {
	for name, expression := range w.Fill {
		if strings.EqualFold(name, column) {
			return expression
		}
	}
	return ""
}

// values returns the columns that the new table gets out of the old one, and
// the expressions that make them.
func (w *rebuilding) values() (columns, expressions []string) {
	rowid := w.oldKey.rowid && w.newKey.rowid && w.oldKey.name != ""
	for _, c := range w.new {
		old, there := columnNamed(w.old, c.name)
		expression := w.fill(c.name)
		if expression == "" && there {
			expression = quote(old.name)
		}
		if expression == "" && c.name == w.newKey.alias && rowid {
			expression = w.oldKey.name
		}
		if c.generated || expression == "" {
			continue
		}
		rowid = rowid && c.name != w.newKey.alias // which is the rowid
		columns, expressions = append(columns, quote(c.name)), append(expressions, expression)
	}
	// Something outside may know rows by the rowid: a search index, for one.
	if rowid && w.newKey.alias == "" && w.newKey.name != "" {
		columns = slices.Insert(columns, 0, w.newKey.name)
		expressions = slices.Insert(expressions, 0, w.oldKey.name)
	}
	return columns, expressions
}
