package postgres

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Summary sums the history up, or returns the zero Summary where there is none.
func (b *Backend) Summary(ctx context.Context, upTo migration.Version) (s backend.Summary, err error) {
	err = b.use(ctx, func(c *connection) error {
		if err := c.hasSchema(); err != nil {
			return err
		}
		table := c.table().Quoted
		rows, err := c.query(ctx, fmt.Sprintf(`SELECT coalesce(min(f), 0), count(DISTINCT t), coalesce(sum(DISTINCT t), 0), coalesce(sum(DISTINCT t * t), 0),
			CASE WHEN coalesce((SELECT state IN ('begun', 'failed') FROM %[1]s WHERE kind = 'files' ORDER BY id DESC LIMIT 1), false) THEN 1 ELSE 0 END
			FROM (SELECT from_state::int8 AS f, to_state::int8 AS t FROM %[1]s
				WHERE kind = 'files' AND direction = 'up' AND state = 'applied') AS applied WHERE t <= %[2]d`, table, int64(upTo)))
		if code := codeOf(err); code == codeNoTable || code == codeNoSchema {
			return nil
		}
		if err != nil {
			return c.named(err)
		}
		var unfinished int
		err = row(rows[0]).Scan(&s.From, &s.Count, &s.Sum, &s.Squares, &unfinished)
		s.Unfinished = unfinished == 1
		return err
	})
	return s, err
}
