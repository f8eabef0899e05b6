package mysql

import (
	"context"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Summary sums the history up, or returns the zero Summary where there is none.
func (b *Backend) Summary(ctx context.Context, upTo migration.Version) (s backend.Summary, err error) {
	table := b.names.history
	query := filled(`SELECT coalesce(min(f), 0), count(DISTINCT t), coalesce(sum(DISTINCT t), 0), coalesce(sum(DISTINCT t * t), 0),
		coalesce((SELECT state IN ('begun', 'failed') FROM `+table+` WHERE kind = ? ORDER BY id DESC LIMIT 1), 0)
		FROM (SELECT CAST(from_state AS SIGNED) AS f, CAST(to_state AS SIGNED) AS t FROM `+table+`
			WHERE kind = ? AND direction = 'up' AND state = 'applied') AS applied WHERE t <= ?`,
		migration.Files, migration.Files, int64(upTo))
	err = b.use(ctx, func(c *connection) error {
		err := c.QueryRowContext(ctx, query).Scan(&s.From, &s.Count, &s.Sum, &s.Squares, &s.Unfinished)
		if isNumber(err, errNoTable) {
			return nil
		}
		return c.described(err)
	})
	return s, err
}
