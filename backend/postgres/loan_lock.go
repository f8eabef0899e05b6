package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// lockKey is the key of an advisory lock.
type lockKey uint64

// held is the lock on a caller's one connection, which the scripts use too: it
// belongs to the connection, not to a transaction, unless that is the caller's.
// It has the key of [advisory], so that all runs exclude each other.
type held struct{ *advisory }

func (h held) try(ctx context.Context) (bool, error) {
	how := "pg_try_advisory_lock"
	if h.conn.enclosed() {
		how = "pg_try_advisory_xact_lock"
	}
	rows, err := h.conn.query(ctx, fmt.Sprintf("SELECT pg_catalog.%s(%d), pg_catalog.pg_backend_pid()", how, int64(h.key)))
	if err != nil {
		return false, h.conn.named(fmt.Errorf("take the lock: %w", err))
	}
	h.pid = string(rows[0][1])
	return string(rows[0][0]) == "t", nil
}

// release gives the lock back; one in the caller's transaction ends with that.
func (h held) release() error {
	if h.conn.enclosed() || h.conn.IsClosed() {
		return nil
	}
	return h.conn.exec(context.Background(), fmt.Sprintf("SELECT pg_catalog.pg_advisory_unlock(%d)", int64(h.key)))
}

// acquireLent takes the lock on a caller's connection, after looking at what the
// connection is like.
func (b *Backend) acquireLent(ctx context.Context, c *connection, o backend.SessionOptions) (lock, *connection, error) {
	fail := func(err error) (lock, *connection, error) { return nil, nil, errors.Join(err, c.close()) }
	l := held{newAdvisory(c)}
	switch {
	case b.options.RowLock:
		return fail(unlendable("a row for the lock is renewed over a second connection"))
	case c.pid == 0 && !c.enclosed():
		return fail(unlendable("a pooler stands in between, and may give each transaction another connection"))
	}
	c.key = lockKey(l.key)
	if c.given == nil {
		given, err := c.look(ctx)
		if err != nil {
			return fail(err)
		}
		c.given = given
	}
	if err := wait(ctx, l, o); err != nil {
		return fail(err)
	}
	return l, c, nil
}

func unlendable(why string) error {
	return &migration.Error{
		Op: "lock", Err: fmt.Errorf("%w: %s, and this is a connection of the program's own", migration.ErrUnsupported, why),
		Hint: "open the database by its URL, with postgres.Open",
	}
}

// lendInTime is lend for a session, which waits until another session of the
// backend gives the one connection back.
func (b *Backend) lendInTime(ctx context.Context, o backend.SessionOptions) (*connection, error) {
	if _, one := b.lender.(*single); !one {
		return b.connect(ctx)
	}
	timeout := o.LockTimeout
	if timeout == 0 {
		timeout = defaultLockTimeout
	}
	for began := time.Now(); ; {
		c, err := b.connect(ctx)
		if !errors.Is(err, migration.ErrBusyRun) || time.Since(began) >= timeout {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the lock: %w", ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}
