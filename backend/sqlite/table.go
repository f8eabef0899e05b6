package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// ReadTable returns the rows of a table of another program's.
func (b *Backend) ReadTable(ctx context.Context, name string) (t backend.Table, err error) {
	err = b.use(ctx, func(c *connection) error {
		schema, table, ok := strings.Cut(name, ".")
		if !ok {
			schema, table = "main", name
		}
		found, err := names(ctx, c, "SELECT name FROM pragma_table_info(?, ?)", table, schema)
		if err == nil && len(found) == 0 {
			return &migration.Error{Op: "read", Err: fmt.Errorf("%w: %s", migration.ErrNoTable, name)}
		}
		if err == nil {
			t.Columns = found
			t.Rows, err = c.texts(ctx, "SELECT * FROM "+quote(schema)+"."+quote(table), len(found))
		}
		return c.named(err)
	})
	return t, err
}

// texts returns the rows of a query as text.
func (c *connection) texts(ctx context.Context, query string, columns int) (all [][]string, err error) {
	rows, err := c.QueryContext(ctx, query)
	if err != nil {
		return nil, describe(err)
	}
	defer rows.Close()
	values, into := make([]sql.NullString, columns), make([]any, columns)
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, describe(err)
		}
		row := make([]string, columns)
		for i, v := range values {
			row[i] = v.String
		}
		all = append(all, row)
	}
	return all, describe(rows.Err())
}

var _ backend.TableReader = (*Backend)(nil)
