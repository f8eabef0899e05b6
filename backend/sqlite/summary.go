package sqlite

import (
	"context"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Summary sums the history up, or returns the zero Summary where there is none.
func (b *Backend) Summary(ctx context.Context, upTo migration.Version) (s backend.Summary, err error) {
	err = b.use(ctx, func(c *connection) error {
		there, err := c.hasHistory(ctx)
		if err != nil || !there {
			return err
		}
		// LIMIT keeps SQLite from working the casts out again for each of the
		// sums, which takes twice as long.
		err = c.row(ctx, `SELECT coalesce(min(f), 0), count(t), coalesce(sum(t), 0), coalesce(sum(t * t), 0),
			coalesce((SELECT state IN (?, ?) FROM `+b.table.Quoted+` WHERE kind = ? ORDER BY id DESC LIMIT 1), false)
			FROM (SELECT CAST(from_state AS INTEGER) AS f, CAST(to_state AS INTEGER) AS t FROM `+b.table.Quoted+`
				WHERE kind = ? AND direction = 'up' AND state = ? LIMIT -1) WHERE t <= ?`,
			string(migration.Begun), string(migration.Failed), migration.Files,
			migration.Files, string(migration.Applied), int64(upTo)).Scan(&s.From, &s.Count, &s.Sum, &s.Squares, &s.Unfinished)
		return c.named(describe(err))
	})
	return s, err
}
