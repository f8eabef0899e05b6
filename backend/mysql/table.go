package mysql

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
		database, table, ok := strings.Cut(name, ".")
		if !ok {
			database, table = b.names.database, name
		}
		rows, err := c.QueryContext(ctx, "SELECT * FROM "+quote(database)+"."+quote(table))
		if isNumber(err, errNoTable) {
			return &migration.Error{Op: "read", Err: fmt.Errorf("%w: %s: %s", migration.ErrNoTable, name, b.address.shown)}
		}
		if err != nil {
			return c.described(err)
		}
		defer rows.Close()
		if t.Columns, err = rows.Columns(); err != nil {
			return c.described(err)
		}
		values, into := make([]sql.NullString, len(t.Columns)), make([]any, len(t.Columns))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return c.described(err)
			}
			row := make([]string, len(values))
			for i, v := range values {
				row[i] = v.String
			}
			t.Rows = append(t.Rows, row)
		}
		return c.described(rows.Err())
	})
	return t, err
}

var _ backend.TableReader = (*Backend)(nil)
