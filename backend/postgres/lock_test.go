package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// kinds are the two sorts of lock, by what they add to a URL.
var kinds = map[string]string{"advisory": "", "row": "?lock=row"}

// Two sessions do not stand at once; who waits is told who holds the lock.
func TestLock(t *testing.T) {
	for kind, query := range kinds {
		t.Run(kind, func(t *testing.T) {
			d := managed(t)
			ctx := context.Background()
			first, err := open(t, d.url+query).Session(ctx, backend.SessionOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var holder string
			_, err = open(t, d.url+query).Session(ctx, backend.SessionOptions{LockTimeout: 200 * time.Millisecond, Waiting: func(h string) { holder = h }})
			if !errors.Is(err, migration.ErrBusyRun) || migration.HintOf(err) == "" {
				t.Errorf("a second session: %v", err)
			}
			want := map[string]string{"advisory": "fastmigrate (server process ", "row": "pid "}[kind]
			if !strings.HasPrefix(holder, want) {
				t.Errorf("the holder is %q", holder)
			}
			cancelled, cancel := context.WithCancel(ctx)
			_, err = open(t, d.url+query).Session(cancelled, backend.SessionOptions{Waiting: func(string) { cancel() }})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled wait: %v", err)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			third, err := open(t, d.url+query).Session(ctx, backend.SessionOptions{LockTimeout: -1})
			if err != nil {
				t.Fatal(err)
			}
			if err := third.Close(); err != nil {
				t.Fatal(err)
			}
			d.expect("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", "0")
		})
	}
}

// Schemas are migrated independently of one another.
func TestLockOfSchema(t *testing.T) {
	d := managed(t)
	d.create(d.url + "?schema=other")
	one, err := open(t, d.url).Session(context.Background(), backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	two, err := open(t, d.url+"?schema=other").Session(context.Background(), backend.SessionOptions{LockTimeout: -1})
	if err != nil {
		t.Fatal(err)
	}
	two.Close()
}

// A run that lost its lock records nothing any more.
func TestLockLost(t *testing.T) {
	for kind, query := range kinds {
		t.Run(kind, func(t *testing.T) {
			d := managed(t)
			f := files{"0001-a": "CREATE TABLE a (x int)"}
			b := open(t, d.url+query)
			w, err := d.work(b, f)
			if err != nil {
				t.Fatal(err)
			}
			s, err := b.Session(context.Background(), backend.SessionOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if kind == "row" {
				d.exec("UPDATE _fastmigrate_lock SET owner = 'another', expires_at = now() + interval '1 hour'")
			} else {
				d.expect("SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 10000)) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", "1")
			}
			_, err = s.Apply(context.Background(), w)
			if !errors.Is(err, migration.ErrBusyRun) || !strings.Contains(err.Error(), "lost") {
				t.Errorf("applied without the lock: %v", err)
			}
			d.expect(version, "0")
			d.expect("SELECT to_regclass('a')", "<nil>")
		})
	}
}

// A lock that was not given back ends by itself, and one that stands is not
// taken.
func TestRowLockExpires(t *testing.T) {
	d := managed(t)
	url := d.url + "?lock=row"
	s, err := open(t, url).Session(context.Background(), backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d.exec("UPDATE _fastmigrate_lock SET expires_at = now() - interval '1 second'")
	next, err := open(t, url).Session(context.Background(), backend.SessionOptions{LockTimeout: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
	d.expect("SELECT count(*) FROM _fastmigrate_lock", "0")
}

// Who waits for the lock does not keep CREATE INDEX CONCURRENTLY from ending,
// which waits for all transactions that may still see the table as it was.
func TestWaiterAndConcurrentIndex(t *testing.T) {
	d := managed(t)
	d.exec("CREATE TABLE a (x int); INSERT INTO a SELECT generate_series(1, 1000)")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f := files{"0001-i": "CREATE INDEX CONCURRENTLY i ON a (x);\nCREATE INDEX CONCURRENTLY j ON a (x);"}
	b := open(t, d.url)
	w, err := d.work(b, f)
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Session(ctx, backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var waiters sync.WaitGroup
	waiting := make(chan string, 8)
	for range 8 {
		waiters.Go(func() {
			_, err := open(t, d.url).Session(ctx, backend.SessionOptions{LockTimeout: time.Hour, Waiting: func(h string) { waiting <- h }})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("a waiter: %v", err)
			}
		})
	}
	for range 8 {
		<-waiting
	}
	if _, err := s.Apply(ctx, w); err != nil {
		t.Error(err)
	}
	cancel()
	waiters.Wait()
	s.Close()
	d.expect(version, "1")
}

// Of many that start at once each migration is applied once, and all of them
// find it applied.
func TestManyAtOnce(t *testing.T) {
	for kind, query := range kinds {
		t.Run(kind, func(t *testing.T) {
			d := managed(t)
			f := files{}
			for i := 1; i <= 20; i++ {
				f[fmt.Sprintf("%04d-m", i)] = fmt.Sprintf("CREATE TABLE t%d (x int); INSERT INTO t%d VALUES (1)", i, i)
			}
			var runs sync.WaitGroup
			applied := make(chan int, 32)
			for range 32 {
				m := f.migrator(t, d.url+query, fastmigrate.Options{LockTimeout: time.Minute})
				runs.Go(func() {
					report, err := m.Up(context.Background())
					if err != nil || report.End != "20" {
						t.Errorf("a run: %v", err)
						return
					}
					applied <- len(report.Applied)
				})
			}
			runs.Wait()
			close(applied)
			total := 0
			for n := range applied {
				total += n
			}
			if total != 20 {
				t.Errorf("%d migrations were applied", total)
			}
			d.expect("SELECT count(*), count(DISTINCT to_state) FROM _fastmigrate_history WHERE state = 'applied'", "20|20")
		})
	}
}
