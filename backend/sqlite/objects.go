package sqlite

import (
	"context"

	"github.com/fastmigrate/fastmigrate/backend"
)

// Objects returns what the schema is made of.
func (b *Backend) Objects(ctx context.Context) (all []backend.Object, err error) {
	err = b.use(ctx, func(c *connection) error {
		items, err := c.schema(ctx)
		for _, i := range items {
			all = append(all, backend.Object{Kind: i.kind, Name: i.name, Table: i.table, SQL: i.text})
		}
		return err
	})
	return all, err
}

var _ backend.Schema = (*Backend)(nil)
