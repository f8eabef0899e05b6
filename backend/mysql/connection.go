package mysql

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// connection is one pinned connection.
type connection struct {
	migration.Tx
	pinned  *sql.Conn // nil where it is the caller's own
	backend *Backend
	id      int64 // the server's number for it; 0 where it was not asked for
	joins   bool  // it takes several statements in one message
}

// connect pins a connection for statements of ours.
func (b *Backend) connect(ctx context.Context) (*connection, error) { return b.pin(ctx, true) }

// pin pins a connection, which takes several statements in one message if it
// is to, and is not of a caller's handle.
func (b *Backend) pin(ctx context.Context, joins bool) (*connection, error) {
	c := &connection{Tx: b.lent, backend: b}
	if b.lent == nil {
		db, err := b.handle(joins)
		if err != nil {
			return nil, err
		}
		c.joins = joins && b.joins
		if c.pinned, err = db.Conn(ctx); err != nil {
			return nil, b.unreachable(err)
		}
		c.Tx = c.pinned
	}
	if err := b.introduce(ctx, c); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// close gives the connection back.
func (c *connection) close() error {
	if c.pinned == nil {
		return nil
	}
	return c.pinned.Close()
}

// discard closes the connection for good, so that nothing a script did to it
// can be met again. What it had not committed is rolled back.
func (c *connection) discard() {
	if c.pinned == nil {
		return
	}
	_ = c.pinned.Raw(func(any) error { return sqldriver.ErrBadConn })
	_ = c.pinned.Close() // says ErrConnDone, as it should
}

// exec runs one statement of ours and returns how many rows it met.
func (c *connection) exec(ctx context.Context, statement string) (int64, error) {
	result, err := c.ExecContext(ctx, statement)
	if err != nil {
		return 0, c.described(err)
	}
	n, err := result.RowsAffected()
	return n, c.described(err)
}

// do is exec where the rows don't matter.
func (c *connection) do(ctx context.Context, statement string) error {
	_, err := c.exec(ctx, statement)
	return err
}

// script takes a connection for a script. It waits for what a run that was
// killed may have left at work on the server: a statement goes on there until
// it has something to tell its client, and finds that there is none. Each such
// connection holds a lock of the server's, under a name of the database's own.
func (b *Backend) script(ctx context.Context, patience time.Duration, joins bool) (*connection, error) {
	c, err := b.pin(ctx, joins)
	if err != nil {
		return nil, err
	}
	if err := c.takeOver(ctx, patience); err != nil {
		c.discard()
		return nil, err
	}
	return c, nil
}

func (c *connection) takeOver(ctx context.Context, patience time.Duration) error {
	name := literal(c.backend.scriptLock())
	for began := time.Now(); ; {
		var got sql.NullInt64
		var holder sql.NullInt64
		err := c.QueryRowContext(ctx, "SELECT GET_LOCK("+name+", 1), IS_USED_LOCK("+name+"), CONNECTION_ID()").Scan(&got, &holder, &c.id)
		switch {
		case err != nil:
			return c.described(err)
		case got.Int64 == 1:
			return nil
		case time.Since(began) >= patience:
			return &migration.Error{
				Op:   "lock",
				Err:  fmt.Errorf("%w: a statement of an earlier run is still at work on the server, on its connection %d", migration.ErrBusyRun, holder.Int64),
				Hint: fmt.Sprintf("wait for it to end, or end it with KILL %d, and run again", holder.Int64),
			}
		}
	}
}

// ping says whether the connection is still there.
func (c *connection) ping(ctx context.Context) bool {
	_, err := c.exec(ctx, "DO 0")
	return err == nil
}

// broken says whether an error means that the connection is gone, so that it
// is not known what became of the statement.
func broken(err error) bool {
	if err == nil {
		return false
	}
	number, ok := numberOf(err)
	if !ok {
		return !unsent(err)
	}
	switch number {
	case 1053, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 3169: // the server or an administrator ended it
		return true
	}
	return false
}
