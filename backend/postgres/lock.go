package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

const (
	defaultLockTimeout = 30 * time.Second
	lockPoll           = 20 * time.Millisecond
	lockPollMax        = 250 * time.Millisecond
)

// lock lets one run at a time work on a schema's tables.
type lock interface {
	// standing returns the query that fails, in a transaction of another
	// connection, unless the lock is still ours. With keep nobody can take it
	// before that transaction ends.
	standing(keep bool) string
	// release gives the lock back.
	release() error
}

// trier is a lock that may be taken or not.
type trier interface {
	lock
	// try takes the lock if it is free.
	try(ctx context.Context) (bool, error)
	// holder says who has it, or "".
	holder(ctx context.Context) string
}

// acquire takes the lock on a connection of its own, waiting as long as the
// options say.
func (b *Backend) acquire(ctx context.Context, o backend.SessionOptions) (lock, *connection, error) {
	c, err := b.lendInTime(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	if err := c.hasSchema(); err != nil {
		return nil, nil, errors.Join(err, c.close())
	}
	if c.loan != nil {
		return b.acquireLent(ctx, c, o)
	}
	var l trier = newAdvisory(c)
	if b.options.RowLock {
		l = newRowLock(c)
	}
	if err := wait(ctx, l, o); err != nil {
		return nil, nil, errors.Join(err, c.close())
	}
	return l, c, nil
}

// wait tries until the lock is taken or the time is over. Between two attempts
// no transaction is open: behind a pooler each would keep a connection from the
// run that has the lock.
func wait(ctx context.Context, l trier, o backend.SessionOptions) error {
	timeout := o.LockTimeout
	if timeout == 0 {
		timeout = defaultLockTimeout
	}
	told := false
	pause := lockPoll
	for began := time.Now(); ; {
		got, err := l.try(ctx)
		if got || err != nil {
			return err
		}
		over := time.Since(began) >= timeout
		if over || !told && o.Waiting != nil {
			holder := l.holder(ctx)
			if over {
				return busy(holder)
			}
			o.Waiting(holder)
			told = true
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the lock: %w", ctx.Err())
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(pause*3/2, lockPollMax)
	}
}

func busy(holder string) error {
	if holder != "" {
		holder = ": " + holder
	}
	return &migration.Error{
		Op:   "lock",
		Err:  fmt.Errorf("%w%s", migration.ErrBusyRun, holder),
		Hint: "wait for it to end, or wait longer with --lock-timeout",
	}
}

// advisory is a lock of the database's own, which belongs to a transaction that
// does nothing else and ends with it. Such a lock holds behind a pooler, which
// keeps one connection for a transaction, and its idle transaction has no
// snapshot that CREATE INDEX CONCURRENTLY would wait for.
type advisory struct {
	conn *connection
	key  uint64
	pid  string // of the server's process that holds it
	oid  string // of the database, once it is held; it is cheaper than its query
}

// thisDatabase is the query for the database's oid.
const thisDatabase = "(SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())"

// newAdvisory returns the lock of the connection's schema. The database need
// not be part of the key: advisory locks are each database's own, and a pooler
// may know it by another name.
func newAdvisory(c *connection) *advisory {
	sum := sha256.Sum256([]byte("fastmigrate\x00" + c.schema))
	return &advisory{conn: c, key: binary.BigEndian.Uint64(sum[:])}
}

// timeouts turns off, for the transaction at hand, the timeouts that would end
// it for doing nothing. Servers do not have the same ones.
const timeouts = "SELECT pg_catalog.set_config(name, '0', true) FROM pg_catalog.pg_settings " +
	"WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')"

func (a *advisory) try(ctx context.Context) (bool, error) {
	rows, err := a.conn.query(ctx, fmt.Sprintf("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; %s; SELECT pg_catalog.pg_try_advisory_xact_lock(%d), pg_catalog.pg_backend_pid(), %s",
		timeouts, int64(a.key), thisDatabase))
	if err != nil {
		return false, a.conn.named(fmt.Errorf("take the lock: %w", err))
	}
	if string(rows[0][0]) == "t" {
		a.pid, a.oid = string(rows[0][1]), string(rows[0][2])
		return true, nil
	}
	return false, a.conn.exec(ctx, "ROLLBACK")
}

// where tells the lock in pg_locks.
func (a *advisory) where() string {
	database := thisDatabase
	if a.oid != "" {
		database = a.oid
	}
	return fmt.Sprintf("l.locktype = 'advisory' AND l.granted AND l.classid = %d AND l.objid = %d AND l.objsubid = 1 "+
		"AND l.database = %s", a.key>>32, a.key&0xffffffff, database)
}

func (a *advisory) standing(bool) string {
	return fmt.Sprintf("SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_locks AS l WHERE %s AND l.pid = %s) THEN 0 ELSE %s END",
		a.where(), a.pid, raise(raisedLost, "pg_catalog.pg_backend_pid()"))
}

func (a *advisory) holder(ctx context.Context) string {
	rows, err := a.conn.query(ctx, "SELECT a.application_name, a.pid, a.usename, coalesce(a.client_addr::text, 'this machine'), "+
		"to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC') FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_stat_activity AS a USING (pid) WHERE "+a.where())
	if err != nil || len(rows) == 0 {
		return ""
	}
	r := rows[0]
	text := fmt.Sprintf("%s (server process %s) of user %s from %s", r[0], r[1], r[2], r[3])
	if len(r[4]) > 0 {
		text += " since " + string(r[4])
	}
	return text
}

func (a *advisory) release() error {
	_ = a.conn.rollback()
	return a.conn.close()
}
