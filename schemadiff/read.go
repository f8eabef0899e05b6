package schemadiff

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/sqldef"
)

// tables is a schema: what its tables consist of, and as it was written.
type tables struct {
	names   []string                     // of the tables
	parts   map[string][]part            // by the names of the tables
	written map[string]sqldef.Definition // by the names of the tables
	objects []backend.Object
}

// read reads a schema.
func read(ctx context.Context, b backend.Backend) (*tables, error) {
	s, ok := b.(backend.Schema)
	if !ok {
		return nil, unsupported(b)
	}
	db, err := s.DB()
	if err != nil {
		return nil, err
	}
	if db == nil {
		return nil, unsupported(b)
	}
	t := &tables{parts: make(map[string][]part), written: make(map[string]sqldef.Definition)}
	if t.objects, err = s.Objects(ctx); err != nil {
		return nil, err
	}
	for _, o := range t.objects {
		if o.Kind != "table" || virtual(o) {
			continue
		}
		if t.written[o.Name], err = sqldef.Parse(o.SQL); err != nil {
			return nil, fmt.Errorf("read the definition of %s: %w", o.Name, err)
		}
		t.names = append(t.names, o.Name)
		if err := t.fill(ctx, db, o.Name); err != nil {
			return nil, fmt.Errorf("read the table %s: %w", o.Name, err)
		}
	}
	return t, nil
}

func virtual(o backend.Object) bool {
	return strings.HasPrefix(strings.ToUpper(o.SQL), "CREATE VIRTUAL")
}

// fill reads what a table consists of.
func (t *tables) fill(ctx context.Context, db *sql.DB, table string) error {
	for _, read := range []func(context.Context, *sql.DB, string) ([]part, error){t.columns, options, t.indexes, uniques, foreignKeys} {
		parts, err := read(ctx, db, table)
		if err != nil {
			return err
		}
		t.parts[table] = append(t.parts[table], parts...)
	}
	return nil
}

// each runs f with each row of a query about a table.
func each(ctx context.Context, db *sql.DB, query, table string, f func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, query, table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// columns reads a table's columns and its primary key.
func (t *tables) columns(ctx context.Context, db *sql.DB, table string) (parts []part, err error) {
	key := make(map[int]string)
	err = each(ctx, db, `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid`, table,
		func(scan func(...any) error) error {
			var name, kind string
			var required bool
			var value sql.NullString
			var pk, hidden int
			if err := scan(&name, &kind, &required, &value, &pk, &hidden); err != nil {
				return err
			}
			if pk > 0 {
				key[pk] = name
			}
			// How a generated column is made is compared by its words.
			same := fmt.Sprintf("%q %v %v %q %d", sqldef.Normal(kind), required, value.Valid, sqldef.Normal(value.String), hidden)
			parts = append(parts, part{"column", name, same, t.column(table, name)})
			return nil
		})
	if len(key) > 0 {
		names := make([]string, len(key))
		for n := range names {
			names[n] = key[n+1]
		}
		text := "PRIMARY KEY (" + strings.Join(names, ", ") + ")"
		parts = append(parts, part{"primary-key", "", text, text})
	}
	return parts, err
}

// options reads what stands behind a table's definition.
func options(ctx context.Context, db *sql.DB, table string) (parts []part, err error) {
	err = each(ctx, db, "SELECT wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?", table,
		func(scan func(...any) error) error {
			var without, strict bool
			if err := scan(&without, &strict); err != nil {
				return err
			}
			for option, set := range map[string]bool{"WITHOUT ROWID": without, "STRICT": strict} {
				if set {
					parts = append(parts, part{"option", option, option, option})
				}
			}
			return nil
		})
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
	return parts, err
}

// indexes reads the indexes that statements of their own have made.
func (t *tables) indexes(_ context.Context, _ *sql.DB, table string) (parts []part, err error) {
	for _, o := range t.objects {
		if o.Kind != "index" || o.Table != table {
			continue
		}
		d, err := sqldef.Parse(o.SQL)
		if err != nil {
			return nil, err
		}
		same := []string{fmt.Sprint(strings.HasPrefix(sqldef.Normal(o.SQL), "create unique")), sqldef.Normal(d.Options)}
		for _, p := range d.Parts {
			same = append(same, sqldef.Normal(p))
		}
		parts = append(parts, part{"index", o.Name, strings.Join(same, "\n"), o.SQL})
	}
	return parts, nil
}

// uniques reads the constraints UNIQUE, by the columns that they are over.
func uniques(ctx context.Context, db *sql.DB, table string) (parts []part, err error) {
	err = each(ctx, db, `SELECT (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno))
		FROM pragma_index_list(?) AS l WHERE origin = 'u'`, table,
		func(scan func(...any) error) error {
			var over string
			err := scan(&over)
			parts = append(parts, part{kind: "index", name: "UNIQUE (" + over + ")"})
			return err
		})
	return parts, err
}

// foreignKeys reads a table's foreign keys, by the columns that they join.
func foreignKeys(ctx context.Context, db *sql.DB, table string) (parts []part, err error) {
	type key struct {
		parent, effects string
		from, to        []string
	}
	var keys []*key
	byID := make(map[int]*key)
	err = each(ctx, db, `SELECT id, "table", "from", coalesce("to", (SELECT name FROM pragma_table_info(f."table") WHERE pk = f.seq + 1), ''),
		on_update, on_delete FROM pragma_foreign_key_list(?) AS f ORDER BY id DESC, seq`, table,
		func(scan func(...any) error) error {
			var id int
			var parent, from, to, onUpdate, onDelete string
			if err := scan(&id, &parent, &from, &to, &onUpdate, &onDelete); err != nil {
				return err
			}
			k, known := byID[id]
			if !known {
				k = &key{parent: parent, effects: "ON UPDATE " + onUpdate + " ON DELETE " + onDelete}
				byID[id] = k
				keys = append(keys, k)
			}
			k.from, k.to = append(k.from, from), append(k.to, to)
			return nil
		})
	for _, k := range keys {
		name := "(" + strings.Join(k.from, ", ") + ") REFERENCES " + k.parent + " (" + strings.Join(k.to, ", ") + ")"
		parts = append(parts, part{"foreign-key", name, k.effects, k.effects})
	}
	return parts, err
}
