package sqlite

import (
	"context"
	"slices"
	"strings"
)

// column is one column of a table.
type column struct {
	name      string
	required  bool // NOT NULL
	defaulted bool
	generated bool
	key       int // its place in the primary key, from 1; 0 where it is not part of it
}

// tableColumns returns the columns of a table, those that are generated among them.
func (c *connection) tableColumns(ctx context.Context, table string) ([]column, error) {
	rows, err := c.QueryContext(ctx, `SELECT name, "notnull", dflt_value IS NOT NULL, hidden > 1, pk
		FROM pragma_table_xinfo(?) ORDER BY cid`, table)
	if err != nil {
		return nil, describe(err)
	}
	defer rows.Close()
	var all []column
	for rows.Next() {
		var one column
		if err := rows.Scan(&one.name, &one.required, &one.defaulted, &one.generated, &one.key); err != nil {
			return nil, describe(err)
		}
		all = append(all, one)
	}
	return all, describe(rows.Err())
}

// columnNamed returns the column of a name, in any case.
func columnNamed(columns []column, name string) (column, bool) {
	n := slices.IndexFunc(columns, func(c column) bool { return strings.EqualFold(c.name, name) })
	if n < 0 {
		return column{}, false
	}
	return columns[n], true
}

// rowKey says by what a table knows its rows.
type rowKey struct {
	rowid bool   // there is a rowid
	alias string // the column that is another name of it, if there is one
	name  string // by which a statement names it; empty where columns have all of its names
}

// rowKey finds out by what a table knows its rows.
func (c *connection) rowKey(ctx context.Context, table string, columns []column) (k rowKey, err error) {
	var without, indexed bool
	err = c.QueryRowContext(ctx, `SELECT wr, EXISTS (SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk')
		FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE`, table).Scan(&without, &indexed)
	if err != nil || without {
		return k, describe(err)
	}
	k.rowid = true
	var key []string
	for _, col := range columns {
		if col.key > 0 {
			key = append(key, col.name)
		}
	}
	if len(key) == 1 && !indexed { // every other primary key has an index
		k.alias = key[0]
	}
	for _, name := range []string{"_rowid_", "oid", "rowid"} {
		if _, taken := columnNamed(columns, name); !taken {
			k.name = name
		}
	}
	return k, nil
}
