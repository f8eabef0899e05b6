package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// prove runs the script on an empty copy of the schema, and fails unless all
// but the table is as it was and still works.
func (w *rebuilding) prove(ctx context.Context, c *connection, statements []statement) error {
	s, err := c.copySchema(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	if err := s.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	for _, st := range statements {
		if err := s.exec(ctx, st.text); err != nil {
			return w.stumbles(st, err)
		}
	}
	if err := s.exec(ctx, "COMMIT"); err != nil {
		return err
	}
	if err := w.same(ctx, s); err != nil {
		return err
	}
	return w.works(ctx, s)
}

// stumbles says what a statement that failed on the copy means.
func (w *rebuilding) stumbles(st statement, err error) error {
	if st.makes.name != "" {
		return w.leaves(st.makes, err)
	}
	if strings.Contains(err.Error(), "foreign key mismatch") {
		return w.unreferable(err)
	}
	return w.refuse("", "%s cannot be rebuilt so: %v\n%s", w.Table, err, st.text)
}

// leaves says that something around the table does not fit the new one.
func (w *rebuilding) leaves(i item, err error) error {
	return w.refuse(fmt.Sprintf("--without %s leaves it out, for you to make it anew behind the rebuild", i.name),
		"the %s %s would not work any more: %v", i.kind, i.name, err)
}

func (w *rebuilding) unreferable(err error) error {
	return w.refuse("the columns that are referred to need a PRIMARY KEY or a UNIQUE index", "foreign keys to %s would not work any more: %v", w.Table, err)
}

// same compares the schema with the one before.
func (w *rebuilding) same(ctx context.Context, s *scratch) error {
	got, err := s.schema(ctx)
	if err != nil {
		return err
	}
	for n, i := range w.items {
		if n < len(got) && i.kind == "table" && i.name == w.Table {
			got[n].text = i.text
		}
		if n >= len(got) || got[n] != i {
			return w.refuse("", "the %s %s would come out different", i.kind, i.name)
		}
	}
	if len(got) > len(w.items) {
		return w.refuse("", "the %s %s would come out besides", got[len(w.items)].kind, got[len(w.items)].name)
	}
	columns, err := s.tableColumns(ctx, w.Table)
	if err == nil && !slices.Equal(columns, w.new) {
		err = w.refuse("", "the columns of %s would come out different", w.Table)
	}
	return err
}

// works looks for what refers to the table and can't any more. SQLite reads
// all views and triggers again when a table gets another name.
func (w *rebuilding) works(ctx context.Context, s *scratch) error {
	if err := s.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	if err := s.exec(ctx, "ALTER TABLE "+quote(w.Table)+" RENAME TO "+quote(w.name)); err != nil {
		if i, ok := w.blamed(w.items, err); ok {
			return w.leaves(i, err)
		}
		return w.refuse("", "something would not work any more: %v", err)
	}
	if err := s.rollback(); err != nil {
		return err
	}
	for _, child := range w.checked {
		if _, err := s.violationsOf(ctx, child); err != nil {
			return w.unreferable(err)
		}
	}
	for _, i := range w.triggers() {
		if err := s.sets(ctx, i.table); err != nil && w.set[strings.ToLower(i.table)] {
			return w.refuse(fmt.Sprintf("--without %s leaves the trigger out, for you to make it anew behind the rebuild", i.name),
				"what a change of %s sets off would not work any more: %v", i.table, err)
		}
	}
	return nil
}

// triggers returns those that name the table, or a view that depends on it.
func (w *rebuilding) triggers() []item {
	_, makes := w.around()
	return slices.DeleteFunc(makes, func(i item) bool { return i.kind != "trigger" })
}

// sets compiles statements that set all triggers of a table or view off.
func (c *connection) sets(ctx context.Context, table string) error {
	columns, err := c.tableColumns(ctx, table)
	if err != nil {
		return err
	}
	var set []string
	for _, col := range columns {
		if !col.generated {
			set = append(set, quote(col.name)+" = "+quote(col.name))
		}
	}
	for _, statement := range []string{
		"INSERT INTO " + quote(table) + " DEFAULT VALUES", "DELETE FROM " + quote(table),
		"UPDATE " + quote(table) + " SET " + strings.Join(set, ", "),
	} {
		rows, err := c.QueryContext(ctx, "EXPLAIN "+statement)
		if err == nil {
			err = rows.Close()
		}
		if err != nil && !strings.Contains(err.Error(), "because it is a view") {
			return describe(err)
		}
	}
	return nil
}
