package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// look finds out about the table, and gives the columns of the copy their new
// names.
func (w *rebuilding) look(ctx context.Context, c *connection, copied *scratch) error {
	before, err := copied.schema(ctx)
	if err != nil {
		return err
	}
	if err := w.find(before); err != nil {
		return err
	}
	columns, err := copied.tableColumns(ctx, w.Table)
	if err != nil {
		return err
	}
	w.known, w.attached = sorted(namesOf(columns)), sorted(w.itsOwn(before))
	if w.checked, err = w.related(ctx, copied); err != nil {
		return err
	}
	if err := w.begin(ctx, copied, before); err != nil {
		return err
	}
	if w.items, err = copied.schema(ctx); err != nil {
		return err
	}
	if w.old, err = copied.tableColumns(ctx, w.Table); err != nil {
		return err
	}
	if w.oldKey, err = copied.rowKey(ctx, w.Table, w.old); err != nil {
		return err
	}
	w.set = make(map[string]bool)
	for _, i := range w.triggers() {
		w.set[strings.ToLower(i.table)] = copied.sets(ctx, i.table) == nil
	}
	w.measured, err = c.measured(ctx, w.Table)
	w.name, w.keep = w.free("_fastmigrate_new_"+w.Table), w.free("_fastmigrate_rebuild")
	return err
}

// begin runs on the copy what comes first.
func (w *rebuilding) begin(ctx context.Context, copied *scratch, items []item) error {
	for _, name := range w.Without {
		at := slices.IndexFunc(items, func(i item) bool {
			return strings.EqualFold(i.name, name) && (i.kind != "index" || strings.EqualFold(i.table, w.Table)) && i.kind != "table"
		})
		if at < 0 {
			return w.refuse("", "%s has no index, trigger or view %s", w.Table, name)
		}
		statement := "DROP " + strings.ToUpper(items[at].kind) + " IF EXISTS " + quote(items[at].name) // it may have gone with a view
		if err := copied.exec(ctx, statement); err != nil {
			return w.refuse("", "the %s %s cannot be left out: %v", items[at].kind, name, err)
		}
		w.first = append(w.first, statement)
	}
	for _, r := range w.Rename {
		statement := "ALTER TABLE " + quote(w.Table) + " RENAME COLUMN " + quote(r.From) + " TO " + quote(r.To)
		if err := copied.exec(ctx, statement); err != nil {
			if i, ok := w.blamed(items, err); ok {
				return w.leaves(i, err)
			}
			return w.refuse("", "column %s cannot be renamed to %s: %v", r.From, r.To, err)
		}
		w.first = append(w.first, statement)
	}
	return nil
}

// blamed returns the view or trigger that SQLite names when it reads all of
// them again.
func (w *rebuilding) blamed(items []item, err error) (item, bool) {
	for _, i := range items {
		for _, behind := range []string{":", " after rename:"} {
			if strings.Contains(err.Error(), "error in "+i.kind+" "+i.name+behind) {
				return i, true
			}
		}
	}
	return item{}, false
}

// find checks that the table can be rebuilt, and takes its name as it is
// spelled.
func (w *rebuilding) find(items []item) error {
	for _, i := range items {
		if !strings.EqualFold(i.name, w.Table) || i.kind != "table" && i.kind != "view" {
			continue
		}
		w.Table = i.name
		if i.kind == "view" {
			return w.refuse("drop it and make it anew", "%s is a view", i.name)
		}
		if strings.HasPrefix(strings.ToUpper(i.text), "CREATE VIRTUAL") {
			return w.refuse("make it anew as its module says", "%s is a virtual table", i.name)
		}
		return nil
	}
	return w.refuse("", "there is no table %s that is not SQLite's own or fastmigrate's", w.Table)
}

// itsOwn returns the names of the table's indexes and triggers.
func (w *rebuilding) itsOwn(items []item) (all []string) {
	for _, i := range items {
		if i.kind != "table" && i.kind != "view" && strings.EqualFold(i.table, w.Table) {
			all = append(all, i.name)
		}
	}
	return all
}

// related returns the tables with foreign keys that the change may break: those
// that refer to the table, and the table itself. A table whose foreign keys
// can't be checked now is left out.
func (w *rebuilding) related(ctx context.Context, copied *scratch) ([]string, error) {
	references, err := copied.references(ctx)
	if err != nil {
		return nil, err
	}
	all := []string{w.Table}
	for _, r := range references {
		if strings.EqualFold(r.parent, w.Table) && !slices.Contains(all, r.child) {
			all = append(all, r.child)
		}
	}
	return slices.DeleteFunc(all, func(child string) bool {
		_, err := copied.violationsOf(ctx, child)
		return err != nil
	}), nil
}

// measured says whether ANALYZE has counted the table.
func (c *connection) measured(ctx context.Context, table string) (bool, error) {
	var there bool
	err := c.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_stat1')").Scan(&there)
	if err == nil && there {
		err = c.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM main.sqlite_stat1 WHERE tbl = ? COLLATE NOCASE)", table).Scan(&there)
	}
	return there, describe(err)
}

// free returns a name that nothing has.
func (w *rebuilding) free(name string) string {
	free := name
	for n := 2; slices.ContainsFunc(w.items, func(i item) bool { return strings.EqualFold(i.name, free) }); n++ {
		free = fmt.Sprintf("%s_%d", name, n)
	}
	return free
}
