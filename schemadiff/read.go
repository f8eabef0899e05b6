package schemadiff

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/sqldef"
)

// tables is a schema: as atlas wants it, and as it was written.
type tables struct {
	atlas   *schema.Schema
	written map[string]sqldef.Definition // by the names of the tables
	objects []backend.Object
}

// read reads a schema. What atlas reads by regular expressions, and can't where
// names are quoted, words are in lower case or REFERENCES names no column, is
// read here from SQLite's own tables.
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
	t := &tables{atlas: schema.New("main"), written: make(map[string]sqldef.Definition)}
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
		table := schema.NewTable(o.Name)
		t.atlas.AddTables(table)
		if err := t.fill(ctx, db, table); err != nil {
			return nil, fmt.Errorf("read the table %s: %w", o.Name, err)
		}
	}
	return t, nil
}

func virtual(o backend.Object) bool {
	return strings.HasPrefix(strings.ToUpper(o.SQL), "CREATE VIRTUAL")
}

// fill reads one table.
func (t *tables) fill(ctx context.Context, db *sql.DB, table *schema.Table) error {
	if err := columns(ctx, db, table); err != nil {
		return err
	}
	if err := t.indexes(ctx, db, table); err != nil {
		return err
	}
	return foreignKeys(ctx, db, table)
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

// columns reads the columns, the primary key and the options of a table.
func columns(ctx context.Context, db *sql.DB, table *schema.Table) error {
	key := make(map[int]*schema.Column)
	err := each(ctx, db, `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid`, table.Name,
		func(scan func(...any) error) error {
			var name, kind string
			var required bool
			var value sql.NullString
			var pk, hidden int
			if err := scan(&name, &kind, &required, &value, &pk, &hidden); err != nil {
				return err
			}
			kind = sqldef.Normal(kind)
			c := schema.NewColumn(name).SetType(&sqlite.UserDefinedType{T: kind}).SetNull(!required)
			if value.Valid {
				c.SetDefault(&schema.RawExpr{X: sqldef.Normal(value.String)})
			}
			if hidden > 1 { // how it is made is compared by its words
				c.SetGeneratedExpr(&schema.GeneratedExpr{Expr: "()", Type: map[bool]string{true: "STORED", false: "VIRTUAL"}[hidden == 3]})
			}
			if table.AddColumns(c); pk > 0 {
				key[pk] = c
			}
			return nil
		})
	if err != nil {
		return err
	}
	if len(key) > 0 {
		pk := schema.NewPrimaryKey()
		for n := 1; n <= len(key); n++ {
			pk.AddColumns(key[n])
		}
		table.SetPrimaryKey(pk)
	}
	return each(ctx, db, "SELECT wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?", table.Name,
		func(scan func(...any) error) error {
			var without, strict bool
			err := scan(&without, &strict)
			if without {
				table.AddAttrs(&sqlite.WithoutRowID{})
			}
			if strict {
				table.AddAttrs(&sqlite.Strict{})
			}
			return err
		})
}

// indexes reads the indexes, those of UNIQUE constraints too, which have no
// name that means anything: they are known by their columns.
func (t *tables) indexes(ctx context.Context, db *sql.DB, table *schema.Table) error {
	for _, o := range t.objects {
		if o.Kind != "index" || o.Table != table.Name {
			continue
		}
		d, err := sqldef.Parse(o.SQL)
		if err != nil {
			return err
		}
		i := schema.NewIndex(o.Name).SetUnique(strings.HasPrefix(sqldef.Normal(o.SQL), "create unique"))
		for _, part := range d.Parts {
			i.AddExprs(&schema.RawExpr{X: sqldef.Normal(part)})
		}
		if where := sqldef.Normal(d.Options); where != "" {
			i.AddAttrs(&sqlite.IndexPredicate{P: where})
		}
		table.AddIndexes(i)
	}
	return each(ctx, db, `SELECT (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno))
		FROM pragma_index_list(?) AS l WHERE origin = 'u'`, table.Name,
		func(scan func(...any) error) error {
			var over string
			err := scan(&over)
			i := schema.NewUniqueIndex("UNIQUE (" + over + ")")
			for _, name := range strings.Split(over, ", ") {
				i.AddExprs(&schema.RawExpr{X: name})
			}
			table.AddIndexes(i)
			return err
		})
}

// foreignKeys reads the foreign keys, which are known by what they lead to.
func foreignKeys(ctx context.Context, db *sql.DB, table *schema.Table) error {
	keys := make(map[int]*schema.ForeignKey)
	err := each(ctx, db, `SELECT id, "table", "from", coalesce("to", (SELECT name FROM pragma_table_info(f."table") WHERE pk = f.seq + 1), ''),
		on_update, on_delete FROM pragma_foreign_key_list(?) AS f ORDER BY id DESC, seq`, table.Name,
		func(scan func(...any) error) error {
			var id int
			var parent, from, to, onUpdate, onDelete string
			if err := scan(&id, &parent, &from, &to, &onUpdate, &onDelete); err != nil {
				return err
			}
			k, known := keys[id]
			if !known {
				k = schema.NewForeignKey("").SetTable(table).SetRefTable(schema.NewTable(parent)).
					SetOnUpdate(schema.ReferenceOption(onUpdate)).SetOnDelete(schema.ReferenceOption(onDelete))
				keys[id] = k
				table.ForeignKeys = append(table.ForeignKeys, k)
			}
			if c, ok := table.Column(from); ok {
				k.Columns = append(k.Columns, c)
			}
			k.RefColumns = append(k.RefColumns, schema.NewColumn(to))
			return nil
		})
	for _, k := range table.ForeignKeys {
		k.Symbol = "(" + list(k.Columns) + ") REFERENCES " + k.RefTable.Name + " (" + list(k.RefColumns) + ")"
	}
	return err
}

// list returns the names of columns.
func list(columns []*schema.Column) string {
	names := make([]string, len(columns))
	for n, c := range columns {
		names[n] = c.Name
	}
	return strings.Join(names, ", ")
}
