package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// ReadTable returns the rows of a table of another program's. Without a schema
// it is looked for along the search path.
func (b *Backend) ReadTable(ctx context.Context, name string) (t backend.Table, err error) {
	err = b.use(ctx, func(c *connection) error {
		quoted := quote(name)
		if schema, table, ok := strings.Cut(name, "."); ok {
			quoted = quote(schema) + "." + quote(table)
		}
		// In the order that * has them.
		columns, err := c.query(ctx, "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass("+literal(quoted)+") AND attnum > 0 AND NOT attisdropped ORDER BY attnum")
		if err != nil {
			return err
		}
		if len(columns) == 0 {
			return &migration.Error{Op: "read", Err: fmt.Errorf("%w: %s", migration.ErrNoTable, name)}
		}
		for _, column := range columns {
			t.Columns = append(t.Columns, string(column[0]))
		}
		rows, err := c.query(ctx, "SELECT * FROM "+quoted)
		for _, values := range rows {
			row := make([]string, len(values))
			for i, v := range values {
				row[i] = string(v)
			}
			t.Rows = append(t.Rows, row)
		}
		return err
	})
	return t, err
}

var _ backend.TableReader = (*Backend)(nil)
