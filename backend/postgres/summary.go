package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Summary reads where the database stands, and sums the history up, or returns
// the zero Summary where there is none.
func (b *Backend) Summary(ctx context.Context) (at migration.State, s backend.Summary, err error) {
	err = b.use(ctx, func(c *connection) error {
		if at, err = c.state(ctx); err != nil {
			return err
		}
		upTo, err := at.Version()
		if err == nil {
			err = c.hasSchema()
		}
		if err != nil {
			return err
		}
		rows, err := c.query(ctx, fmt.Sprintf(`SELECT
			CASE WHEN coalesce((SELECT state IN ('begun', 'failed') FROM %[1]s WHERE kind = 'files' ORDER BY id DESC LIMIT 1), false) THEN 1 ELSE 0 END,
			coalesce(min(f), 0), coalesce(sum(DISTINCT `+strings.ReplaceAll(history.Digest, "%", "%%")+`), 0)
			FROM (SELECT from_state::int8 AS f, to_state::int8 AS t FROM %[1]s
				WHERE kind = 'files' AND direction = 'up' AND state = 'applied') AS applied WHERE t <= %[2]d`, c.table().Quoted, int64(upTo)))
		if code := codeOf(err); code == codeNoTable || code == codeNoSchema {
			return nil
		}
		if err != nil {
			return c.named(err)
		}
		var unfinished int
		err = row(rows[0]).Scan(&unfinished, &s.From, &s.Digest)
		s.Unfinished = unfinished == 1
		return err
	})
	return at, s, err
}
