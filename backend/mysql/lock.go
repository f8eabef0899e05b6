package mysql

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

const (
	// defaultLockTimeout is how long another run is waited for unless the
	// options say.
	defaultLockTimeout = 30 * time.Second
	// lockPoll is how often a lock that is held is tried again.
	lockPoll = 100 * time.Millisecond
	// aLittle is how long we wait for the server when a run ends.
	aLittle = 5 * time.Second
)

// lock is the row of the lock table with our name in it, as long as it is
// renewed. Its times are the server's. It is a row and not GET_LOCK, which each
// node of a cluster has its own of.
//
// A run that was held up for longer than the expiry may have lost the lock to
// another without knowing. Therefore every record names the owner too, in the
// statement that writes it.
type lock struct {
	backend *Backend
	owner   string
	stop    context.CancelFunc
	done    chan struct{}
	lost    atomic.Bool
}

// scriptLock is the name of the server's own lock that connections of scripts
// hold, which tells whether one of them is at work still.
func (b *Backend) scriptLock() string {
	sum := sha256.Sum256([]byte(b.names.database))
	return "fastmigrate." + hex.EncodeToString(sum[:16])
}

// acquire takes the lock, waiting as long as the options say.
func (b *Backend) acquire(ctx context.Context, c *connection, o backend.SessionOptions) (*lock, error) {
	l := &lock{backend: b, owner: newOwner()}
	if err := b.await(ctx, l, c, o); err != nil {
		return nil, err
	}
	renewing, stop := context.WithCancel(context.Background())
	l.stop, l.done = stop, make(chan struct{})
	go l.renew(renewing)
	return l, nil
}

// newOwner returns a name that no other run has.
func newOwner() string { return rand.Text() }

// await tries to take the lock until it is ours, or for as long as the options
// say.
func (b *Backend) await(ctx context.Context, l *lock, c *connection, o backend.SessionOptions) error {
	timeout := o.LockTimeout
	if timeout == 0 {
		timeout = defaultLockTimeout
	}
	for began, told := time.Now(), false; ; {
		got, err := l.try(ctx, c)
		if err != nil {
			return fmt.Errorf("take the lock: %w", err)
		}
		if got {
			return nil
		}
		holder := b.holder(ctx, c)
		if time.Since(began) >= timeout {
			return &migration.Error{
				Op:   "lock",
				Err:  fmt.Errorf("%w: %s", migration.ErrBusyRun, holder),
				Hint: "wait for it to end, or wait longer with --lock-timeout",
			}
		}
		if !told && o.Waiting != nil {
			o.Waiting(holder)
			told = true
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the lock: %w", ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

// expires is when the lock ends that is taken or renewed now.
func (b *Backend) expires() string {
	return fmt.Sprintf("UTC_TIMESTAMP(6) + INTERVAL %d MICROSECOND", b.expiry.Microseconds())
}

// try takes the lock if it is free, making our tables where they are not there.
func (l *lock) try(ctx context.Context, c *connection) (bool, error) {
	take := "UPDATE " + l.backend.names.lock + filled(" SET owner = ?, holder = ?, expires = ", l.owner, sign()) + l.backend.expires() +
		" WHERE id = 1 AND (owner = '' OR expires < UTC_TIMESTAMP(6))"
	for again := false; ; again = true {
		n, err := c.exec(ctx, take)
		switch {
		case (isNumber(err, errNoTable) || err == nil && n == 0 && l.backend.rowless(ctx, c)) && !again:
			if l.backend.inside {
				return false, l.backend.noTables("_fastmigrate_lock")
			}
			if err := l.backend.makeTables(ctx, c); err != nil {
				return false, err
			}
		case isNumber(err, 1205) || isNumber(err, 1020, 1213) && !l.backend.inside: // another was at it in this moment
			return false, nil
		default:
			return n == 1, err
		}
	}
}

// rowless says whether the lock's table is there without its row: making it was
// cut off.
func (b *Backend) rowless(ctx context.Context, c *connection) bool {
	found, err := c.strings(ctx, "SELECT 1 FROM "+b.names.lock+" WHERE id = 1")
	return err == nil && len(found) == 0
}

// makeTables makes the tables that a run needs.
func (b *Backend) makeTables(ctx context.Context, c *connection) error {
	for _, statement := range []string{
		b.history.Create(),
		b.names.createProgress(),
		b.names.createLock(),
		"INSERT IGNORE INTO " + b.names.lock + " (id, owner, holder, expires) VALUES (1, '', '', '2000-01-01')",
	} {
		if err := c.do(ctx, statement); err != nil {
			return fmt.Errorf("make our tables: %w", err)
		}
	}
	return nil
}

// sign says who we are, for those who wait.
func sign() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("pid %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format("2006-01-02 15:04:05 UTC"))
}

// holder returns what the holder of the lock wrote.
func (b *Backend) holder(ctx context.Context, c *connection) string {
	found, err := c.strings(ctx, "SELECT holder FROM "+b.names.lock+" WHERE id = 1 AND owner <> ''")
	if err != nil || len(found) == 0 {
		return "it has just ended"
	}
	return found[0]
}

// renew says again and again that we are alive, over a connection of its own,
// until it is stopped or the lock is another's.
func (l *lock) renew(ctx context.Context) {
	defer close(l.done)
	var c *connection
	defer func() {
		if c != nil {
			_ = c.close()
		}
	}()
	every := time.NewTicker(l.backend.expiry / 3)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		var err error
		if c == nil {
			if c, err = l.backend.connect(ctx); err != nil {
				c = nil
				continue // tried again; the records find out if it took too long
			}
		}
		n, err := c.exec(ctx, "UPDATE "+l.backend.names.lock+" SET expires = "+l.backend.expires()+filled(" WHERE id = 1 AND owner = ?", l.owner))
		switch {
		case err == nil && n == 0:
			l.lost.Store(true)
			return
		case broken(err):
			c.discard()
			c = nil
		}
	}
}

// held fails where the lock is another's by now.
func (l *lock) held(ctx context.Context, c *connection) error {
	found, err := c.strings(ctx, "SELECT holder FROM "+l.backend.names.lock+filled(" WHERE id = 1 AND owner <> ?", l.owner))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return nil
	}
	by := found[0]
	if by == "" {
		by = "nobody; it was taken from us"
	}
	return &migration.Error{
		Op:   "lock",
		Err:  fmt.Errorf("%w now: %s; this run was held up for longer than its lock lasts", migration.ErrBusyRun, by),
		Hint: "wait for it to end; then run again",
	}
}

// release gives the lock back.
func (l *lock) release(c *connection) error {
	l.stop()
	<-l.done
	ctx, cancel := context.WithTimeout(context.Background(), aLittle)
	defer cancel()
	release := "UPDATE " + l.backend.names.lock + filled(" SET owner = '', holder = '' WHERE id = 1 AND owner = ?", l.owner)
	if c != nil {
		if err := c.do(ctx, release); err == nil || !broken(err) {
			return err
		}
	}
	err := l.backend.use(ctx, func(c *connection) error { return c.do(ctx, release) })
	if err != nil {
		return errors.Join(errors.New("the lock could not be given back; it expires by itself"), err)
	}
	return nil
}
