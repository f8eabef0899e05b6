package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// rowLockTime is how long a row lock stands without being renewed: what a run
// that was killed keeps others waiting. It is renewed three times within it.
const rowLockTime = 15 * time.Second

// rowLock is a row with an owner and an expiry time, by the server's clock. It
// needs neither advisory locks nor a transaction that stays open.
type rowLock struct {
	conn  *connection
	table string
	owner string
	life  time.Duration

	stop    context.CancelFunc
	renewed sync.WaitGroup
}

func newRowLock(c *connection) *rowLock {
	return &rowLock{conn: c, table: quote(c.schema) + "._fastmigrate_lock", owner: rand.Text(), life: rowLockTime}
}

func (l *rowLock) try(ctx context.Context) (bool, error) {
	host, _ := os.Hostname()
	take := fmt.Sprintf(`INSERT INTO %[1]s AS l (id, owner, host, pid, since, expires_at)
		VALUES (1, %[2]s, %[3]s, %[4]d, clock_timestamp(), clock_timestamp() + interval '%[5]d milliseconds')
		ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, host = excluded.host, pid = excluded.pid, since = excluded.since, expires_at = excluded.expires_at
		WHERE l.expires_at < clock_timestamp() RETURNING 1`, l.table, literal(l.owner), literal(host), os.Getpid(), l.life.Milliseconds())
	rows, err := l.conn.query(ctx, take)
	if codeOf(err) == codeNoTable {
		err = l.conn.exec(ctx, "CREATE TABLE IF NOT EXISTS "+l.table+` (id integer PRIMARY KEY CHECK (id = 1), owner text NOT NULL,
			host text NOT NULL, pid bigint NOT NULL, since timestamptz NOT NULL, expires_at timestamptz NOT NULL)`)
		if code := codeOf(err); err == nil || code == "23505" || code == "42P07" || code == "42710" { // made at the same time
			return false, nil
		}
	}
	if err != nil {
		return false, l.conn.named(fmt.Errorf("take the lock: %w", err))
	}
	if len(rows) == 0 {
		return false, nil
	}
	var renewing context.Context
	renewing, l.stop = context.WithCancel(context.Background())
	l.renewed.Go(func() { l.renew(renewing) })
	return true, nil
}

// renew puts the expiry off until the lock is released. Where it fails the lock
// expires, and the next record finds that out.
func (l *rowLock) renew(ctx context.Context) {
	tick := time.NewTicker(l.life / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			once, cancel := context.WithTimeout(context.Background(), l.life/3)
			if l.conn.IsClosed() {
				if c, err := l.conn.backend.connect(once); err == nil {
					l.conn = c
				}
			}
			_ = l.conn.exec(once, fmt.Sprintf("UPDATE %s SET expires_at = clock_timestamp() + interval '%d milliseconds' WHERE owner = %s",
				l.table, l.life.Milliseconds(), literal(l.owner)))
			cancel()
		}
	}
}

func (l *rowLock) standing(keep bool) string {
	mode := ""
	if keep {
		mode = " FOR UPDATE"
	}
	return fmt.Sprintf("SELECT CASE WHEN count(*) = 1 THEN 0 ELSE %s END FROM (SELECT FROM %s WHERE id = 1 AND owner = %s AND expires_at > pg_catalog.clock_timestamp()%s) AS l",
		raise(raisedLost, "count(*)"), l.table, literal(l.owner), mode)
}

func (l *rowLock) holder(ctx context.Context) string {
	rows, err := l.conn.query(ctx, "SELECT pid, host, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'), "+
		"to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC') FROM "+l.table)
	if err != nil || len(rows) == 0 {
		return ""
	}
	r := rows[0]
	return fmt.Sprintf("pid %s on %s since %s, until %s if it is not renewed", r[0], r[1], r[2], r[3])
}

func (l *rowLock) release() error {
	l.stop()
	l.renewed.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), cancelPatience)
	defer cancel()
	if !l.conn.IsClosed() {
		// It expires by itself where this fails.
		_ = l.conn.exec(ctx, strings.Join([]string{"DELETE FROM", l.table, "WHERE owner =", literal(l.owner)}, " "))
	}
	return l.conn.close()
}
