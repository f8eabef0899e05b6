package sqlite

import (
	"context"
	"errors"
	"slices"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Summary reads where the database stands, and sums the history up, or returns
// the zero Summary where there is none. It takes the same time however long the
// history is.
func (b *Backend) Summary(ctx context.Context) (at migration.State, s backend.Summary, err error) {
	if at, s, ok := b.peek(ctx); ok {
		return at, s, nil
	}
	err = b.use(ctx, func(c *connection) error {
		if at, s, err = c.glance(ctx); err == nil || errors.Is(err, migration.ErrLocked) {
			return c.named(err)
		}
		if at, err = c.version(ctx); err != nil {
			return err
		}
		columns, err := c.columns(ctx, c.backend.historyName)
		if err != nil || len(columns) == 0 {
			return c.named(err)
		}
		if !slices.Contains(columns, "digest") { // it was made before there were digests
			s.Digest = -1 // that of no files: the history has to be read
			return nil
		}
		return c.named(describe(c.row(ctx, "SELECT "+c.summing()).Scan(&s.Unfinished, &s.From, &s.Digest)))
	})
	return at, s, err
}

// glance asks all at once. It fails unless the database is as it nearly always
// is: with a version table as we make it, and a history.
func (c *connection) glance(ctx context.Context) (at migration.State, s backend.Summary, err error) {
	var version migration.Version
	err = c.row(ctx, "SELECT m.version, "+c.summing()+` FROM main.sqlite_schema AS made, main._meta AS m
		WHERE made.name = '_meta' AND made.type = 'table' AND made.sql = ? AND m.id = 1 AND typeof(m.version) = 'integer' AND m.version >= 0
		LIMIT 1`, createMeta).Scan(&version, &s.Unfinished, &s.From, &s.Digest)
	if err != nil {
		return "", backend.Summary{}, describe(err)
	}
	return version.State(), s, nil
}

// summing returns the columns that sum the history up.
func (c *connection) summing() string {
	from := " FROM " + c.backend.table.Quoted + " WHERE kind = 'files' "
	return "coalesce((SELECT state IN ('begun', 'failed')" + from + "ORDER BY id DESC LIMIT 1), false), " +
		"coalesce((SELECT CAST(from_state AS INTEGER)" + from + "AND direction = 'up' AND state = 'applied' ORDER BY id LIMIT 1), 0), " +
		"coalesce((SELECT digest" + from + "ORDER BY id DESC LIMIT 1), 0)"
}
