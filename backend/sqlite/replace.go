package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// replace makes the database what a file holds, in one transaction of the
// engine's: others see the old database or the new one, and if this process is
// killed it is one of the two. The connection is good for nothing afterwards
// but to be discarded.
//
// check is called when nobody else can write any more, with a connection to the
// database as it was. Its error leaves the database like that. Nobody gets in
// between: how that is done depends on how the database keeps its transactions
// whole, since the engine's backup takes a lock of its own, and no connection
// that is in a transaction.
func (b *Backend) replace(ctx context.Context, c *connection, file string, check func(*connection) error) error {
	if err := c.closeStatements(); err != nil {
		return err
	}
	journal, err := c.journal(ctx)
	if err != nil {
		return err
	}
	if journal == "wal" {
		return b.replaceLogged(ctx, c, file, check)
	}
	return b.replaceHeld(ctx, c, file, check)
}

// patiently calls f again while others keep the database locked, as long as a
// COMMIT waits, unless f says that it came further than that.
func patiently(ctx context.Context, f func() (further bool, err error)) error {
	for end := time.Now().Add(commitPatience); ; {
		further, err := f()
		if further || !errors.Is(err, migration.ErrLocked) || time.Now().After(end) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// journal returns the database's journal mode.
func (c *connection) journal(ctx context.Context) (mode string, err error) {
	err = c.QueryRowContext(ctx, "PRAGMA main.journal_mode").Scan(&mode)
	return mode, describe(err)
}

// replaceLogged is replace with a write-ahead log. The backup's first step takes
// the lock for writing, while others go on reading: c among them, which sees
// what was there last.
func (b *Backend) replaceLogged(ctx context.Context, c *connection, file string, check func(*connection) error) error {
	// While c is connected, nobody can take the database out of this mode.
	writer, err := b.connect(ctx)
	if err != nil {
		return err
	}
	err = patiently(ctx, func() (held bool, err error) {
		err = b.driver.Restore(ctx, writer.pinned, file, func() error {
			held = true
			return check(c)
		})
		return held, describe(err)
	})
	return errors.Join(err, writer.discard())
}

// replaceHeld is replace with a rollback journal. In exclusive locking mode the
// connection keeps the lock, which keeps readers out too, from one transaction
// to the next, and so into the backup.
func (b *Backend) replaceHeld(ctx context.Context, c *connection, file string, check func(*connection) error) error {
	defer c.letGo()
	err := c.exec(ctx, "PRAGMA main.locking_mode = EXCLUSIVE")
	if err == nil {
		err = patiently(ctx, func() (bool, error) { return false, c.exec(ctx, "BEGIN EXCLUSIVE") })
	}
	if err == nil {
		err = c.exec(ctx, "COMMIT")
	}
	if err != nil {
		return err
	}
	if err := check(c); err != nil {
		return err
	}
	return describe(b.driver.Restore(ctx, c.pinned, file, nil))
}

// letGo ends the exclusive locking mode, and has the journal removed that the
// engine keeps in it for the next transaction. Where something fails the rest is
// left to whoever opens the database next: a journal may be needed then.
func (c *connection) letGo() {
	ctx := context.Background()
	// The lock is let go of at the end of the next look into the file.
	for _, statement := range []string{"PRAGMA main.locking_mode = NORMAL", "SELECT count(*) FROM main.sqlite_schema"} {
		if c.exec(ctx, statement) != nil {
			return
		}
	}
	if journal, err := c.journal(ctx); err != nil || journal != "delete" {
		return
	}
	if c.exec(ctx, "PRAGMA main.journal_mode = PERSIST") == nil {
		_ = c.exec(ctx, "PRAGMA main.journal_mode = DELETE")
	}
}

// unchanged returns a check for replace that fails where another connection has
// written since c told its number of changes.
func unchanged(ctx context.Context, since int64) func(*connection) error {
	return func(c *connection) error {
		now, err := c.changes(ctx)
		if err != nil || now == since {
			return err
		}
		return &migration.Error{
			Op:   "write back",
			Err:  fmt.Errorf("%w: another program wrote to it", migration.ErrMeanwhile),
			Hint: "nothing was changed; run again when nobody writes",
		}
	}
}
