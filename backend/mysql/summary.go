package mysql

import (
	"context"

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
		if err != nil {
			return err
		}
		table := b.names.history
		err = c.QueryRowContext(ctx, filled(`SELECT coalesce((SELECT state IN ('begun', 'failed') FROM `+table+` WHERE kind = 'files' ORDER BY id DESC LIMIT 1), 0),
			coalesce(min(f), 0), coalesce(sum(DISTINCT `+history.Digest+`), 0)
			FROM (SELECT CAST(from_state AS SIGNED) AS f, CAST(to_state AS SIGNED) AS t FROM `+table+`
				WHERE kind = 'files' AND direction = 'up' AND state = 'applied') AS applied WHERE t <= ?`,
			int64(upTo))).Scan(&s.Unfinished, &s.From, &s.Digest)
		if isNumber(err, errNoTable) {
			return nil
		}
		return c.described(err)
	})
	return at, s, err
}
