package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// A row lock is renewed for as long as it is held, also after its connection
// broke; and the row is gone afterwards.
func TestRowLockRenewed(t *testing.T) {
	ctx := context.Background()
	b, err := Open(testdb.Postgres(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	conns := make([]*connection, 2)
	for i := range conns {
		if conns[i], err = b.connect(ctx); err != nil {
			t.Fatal(err)
		}
		defer conns[i].close()
	}
	l := newRowLock(conns[0])
	l.life = time.Minute
	for got := false; !got; {
		if got, err = l.try(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.release(); err != nil {
		t.Fatal(err)
	}
	held, err := b.connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	l = newRowLock(held)
	l.life = 3 * time.Second
	if got, err := l.try(ctx); err != nil || !got {
		t.Fatal(got, err)
	}
	expiry := func() string {
		rows, err := conns[1].query(ctx, "SELECT expires_at FROM _fastmigrate_lock")
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		return string(rows[0][0])
	}
	for _, broken := range []bool{false, true} {
		before := expiry()
		if broken {
			if err := conns[1].exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'UPDATE%' AND datname = current_database()"); err != nil {
				t.Fatal(err)
			}
		}
		for expiry() == before {
			time.Sleep(10 * time.Millisecond)
		}
	}
	if err := l.release(); err != nil {
		t.Fatal(err)
	}
	if rows, err := conns[1].query(ctx, "SELECT 1 FROM _fastmigrate_lock"); err != nil || len(rows) != 0 {
		t.Error(rows, err)
	}
}
