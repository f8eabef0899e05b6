package mysql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

// now returns the time as the history keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// state reads the version and checks that the version table can be relied on.
func (c *connection) state(ctx context.Context) (migration.State, error) {
	found, err := c.strings(ctx, "SELECT CAST(version AS CHAR) FROM "+c.backend.names.meta+" WHERE id = 1")
	switch {
	case isNumber(err, errNoTable):
		return "", c.backend.notManaged("it has no version table _meta")
	case isNumber(err, 1054):
		return "", c.badVersion(err.Error())
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", c.empty(ctx)
	case len(found) > 1:
		return "", c.badVersion("_meta has several rows with id 1")
	}
	version, err := strconv.ParseInt(found[0], 10, 64)
	if err != nil || version < 0 {
		return "", c.badVersion("the version in _meta is " + found[0])
	}
	return migration.Version(version).State(), nil
}

// empty says what a version table without its row means: somebody removed it,
// or making the table was cut off before the row was in it.
func (c *connection) empty(ctx context.Context) error {
	entries, err := c.entries(ctx)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return c.badVersion("_meta has no row with id 1")
	}
	return c.backend.notManaged("its version table _meta is empty")
}

func (b *Backend) notManaged(why string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: %s: %s", migration.ErrNotManaged, why, b.address.shown),
		Hint: "fastmigrate create makes the version table; fastmigrate enroll adopts a database that has its schema already",
	}
}

func (c *connection) badVersion(why string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: %s: %s", migration.ErrBadVersion, why, c.backend.address.shown),
		Hint: "mend it so that it is one row: " + c.backend.names.createMeta(),
	}
}

// strings returns the first column of a query's rows. NULL is read as "".
func (c *connection) strings(ctx context.Context, query string) ([]string, error) {
	rows, err := c.QueryContext(ctx, query)
	if err != nil {
		return nil, c.described(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text *string
		if err := rows.Scan(&text); err != nil {
			return nil, c.described(err)
		}
		if text == nil {
			text = new(string)
		}
		all = append(all, *text)
	}
	return all, c.described(rows.Err())
}

// entries reads the history table, if there is one.
func (c *connection) entries(ctx context.Context) ([]migration.Entry, error) {
	return c.scan(ctx, c.backend.history.Select())
}

// last returns the newest entry of the history.
func (c *connection) last(ctx context.Context) (migration.Entry, bool, error) {
	entries, err := c.scan(ctx, c.backend.history.Select()+" DESC LIMIT 1")
	if err != nil || len(entries) == 0 {
		return migration.Entry{}, false, err
	}
	return entries[0], true, nil
}

func (c *connection) scan(ctx context.Context, query string) ([]migration.Entry, error) {
	rows, err := c.QueryContext(ctx, query)
	if isNumber(err, errNoTable) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read history: %w", c.described(err))
	}
	entries, err := history.Scan(rows)
	return entries, c.described(err)
}

// moved says why a record met no row: the version is another, or the lock is.
func (s *session) moved(ctx context.Context, c *connection, from migration.State) error {
	ctx = context.WithoutCancel(ctx)
	at, err := c.state(ctx)
	if err != nil {
		return err
	}
	if at != from {
		return &migration.Error{
			Op:   "apply",
			Err:  fmt.Errorf("%w: from %s to %s, while this run was at work", migration.ErrMoved, from, at),
			Hint: "find out what else migrates this database; then run again",
		}
	}
	if err := s.lock.held(ctx, c); err != nil {
		return err
	}
	return &migration.Error{
		Op:   "apply",
		Err:  errors.New("the history's entry of this run was changed by somebody else"),
		Hint: "look at " + s.backend.names.history + ", and run again",
	}
}
