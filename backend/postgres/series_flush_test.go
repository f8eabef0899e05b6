package postgres_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// quiet are settings with which nothing but commits writes the log to the disk.
var quiet = []string{
	"fsync=on", "wal_sync_method=fdatasync", "wal_writer_delay=10s", "autovacuum=off", "checkpoint_timeout=1h", "bgwriter_lru_maxpages=0",
}

// Many migrations cost few flushes of the write-ahead log, and few round trips.
func TestSeriesFlushes(t *testing.T) {
	server := testdb.PostgresServer(t, quiet...)
	d := &db{t, server.NewDatabase(t)}
	d.create(d.url)
	f := files{}
	const migrations = 500
	for i := 1; i <= migrations; i++ {
		f[fmt.Sprintf("%04d-m", i)] = fmt.Sprintf("CREATE TABLE t%d (id int PRIMARY KEY, note text);\nINSERT INTO t%d VALUES (1, 'x');", i, i)
	}
	if d.ask("SELECT current_setting('server_version_num')::int < 140000") == "true" {
		t.Skip("the server does not count its flushes")
	}
	// What a connection did is counted when it ends, at the latest.
	flushes := func() int {
		d.settle()
		n, _ := strconv.Atoi(d.ask("SELECT wal_sync FROM pg_stat_wal"))
		return n
	}
	before := flushes()
	through, proxy := through(t, d.url, testdb.ProxyOptions{})
	if _, err := d.upOn(through, f); err != nil {
		t.Fatal(err)
	}
	n := flushes() - before
	t.Logf("%d migrations: %d flushes, %d round trips", migrations, n, proxy.RoundTrips())
	if n < 3 || n > 30 {
		t.Errorf("%d flushes", n)
	}
	if trips := proxy.RoundTrips(); trips > 45 {
		t.Errorf("%d round trips", trips)
	}
	d.expect(version, strconv.Itoa(migrations))
}

// What is said to be applied is on the disk, also where a script behind it
// failed or was cancelled.
func TestSeriesOnDisk(t *testing.T) {
	server := testdb.PostgresServer(t, quiet...)
	unwritten := "SELECT (pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn())::text"
	for name, third := range map[string]string{
		"done": "INSERT INTO a VALUES (3)", "failed": "CREATE TABLE c (x int);\nINSERT INTO a VALUES (1)", "cancelled": behindGate,
	} {
		t.Run(name, func(t *testing.T) {
			d := &db{t, server.NewDatabase(t)}
			d.create(d.url)
			// Whoever makes a gate commits nothing.
			wait, _ := d.gate()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			done := d.start(ctx, five(third), "?lock_timeout=0", nil)
			if name == "cancelled" {
				wait()
				if d.ask(unwritten) == "0" {
					t.Error("the commits before the last have been flushed one by one")
				}
				cancel()
			}
			o := <-done
			d.expect(unwritten, "0")
			if name != "done" {
				d.stands(2, o.report)
			}
		})
	}
}

// The server is killed while one script of a message runs. What is there after
// its recovery is the first of them, whole and in their order, and the next run
// finishes.
func TestSeriesServerKilled(t *testing.T) {
	server := testdb.PostgresServer(t, quiet...)
	for _, restart := range []time.Duration{0, 6 * time.Second} {
		d := &db{t, server.NewDatabase(t)}
		d.create(d.url)
		wait, _ := d.gate()
		done := d.start(context.Background(), five(behindGate), "?lock_timeout=0", nil)
		wait()
		server.Kill()
		time.Sleep(restart)
		server.Start(t)
		o := <-done
		if o.err == nil {
			t.Fatal("no error")
		}
		d.settle()
		n, _ := strconv.Atoi(d.ask(version))
		t.Logf("%d are there: %v", n, o.err)
		if n > 2 || n < len(o.report.Applied) {
			t.Errorf("%d are there, %d were said to be applied", n, len(o.report.Applied))
		}
		if n > 0 {
			d.stands(n, nil)
		}
		d.mustUp(five("INSERT INTO a VALUES (3)"))
		d.stands(5, nil)
	}
}
