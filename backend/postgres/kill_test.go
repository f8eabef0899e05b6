package postgres_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
)

// mixed is a run with every way of being sent in it. Applying anything of it
// twice fails or shows.
var mixed = files{
	"0001-a": "CREATE TABLE a (x int); INSERT INTO a VALUES (1)",
	"0002-b": "CREATE TABLE b (x int);\nCOPY b FROM STDIN;\n1\n2\n\\.\nINSERT INTO a VALUES (2);",
	"0003-c": "BEGIN; INSERT INTO a VALUES (3); COMMIT; INSERT INTO a VALUES (4);\nBEGIN; INSERT INTO a VALUES (5); COMMIT;",
	"0004-d": "INSERT INTO a VALUES (6);\nCREATE INDEX CONCURRENTLY i ON a (x);\nINSERT INTO a VALUES (7);",
	"0005-e": "-- fastmigrate: no-transaction\nINSERT INTO a VALUES (8);\nINSERT INTO a VALUES (9);",
	"0006-f": "INSERT INTO a VALUES (10)", // with the next two in one message
	"0007-g": "INSERT INTO a VALUES (11)",
	"0008-h": "CREATE TABLE h (x int);\nINSERT INTO a VALUES (12);",
}

// exact fails unless exactly what the history says is there.
func (d *db) exact() {
	d.Helper()
	got := d.ask("SELECT string_agg(x::text, ',' ORDER BY x) FROM (SELECT * FROM a_or_nothing()) AS a(x)")
	var rows int
	history := ""
	if d.ask("SELECT count(*) FROM pg_class WHERE relname = '_fastmigrate_history'") == "1" {
		history = d.ask("SELECT name, state, segments_done FROM _fastmigrate_history ORDER BY id")
	}
	for _, line := range strings.Fields(history) {
		var name, state string
		var segments int
		parts := strings.Split(line, "|")
		name, state = parts[0], parts[1]
		fmt.Sscan(parts[2], &segments)
		switch name {
		case "0003-c.sql":
			rows += segments
		case "0004-d.sql":
			rows += []int{0, 1, 1, 2}[segments]
		case "0005-e.sql":
			rows += segments
		default:
			if state == "applied" {
				rows++
			}
		}
	}
	var want []string
	for i := 1; i <= rows; i++ {
		want = append(want, fmt.Sprint(i))
	}
	if all := strings.Join(want, ","); got != all && !(got == "<nil>" && all == "") {
		d.Errorf("there is %q, and by the history it is %q (%s)", got, all, history)
	}
}

const aOrNothing = `CREATE FUNCTION a_or_nothing() RETURNS SETOF int LANGUAGE plpgsql AS $$ BEGIN
	IF to_regclass('a') IS NOT NULL THEN RETURN QUERY EXECUTE 'SELECT x FROM a'; END IF; END $$`

// cut runs everything through a proxy that cuts at a place, and then again.
func cut(t *testing.T, o testdb.ProxyOptions) (pieces int) {
	d := managed(t)
	d.exec(aOrNothing)
	broken, proxy := through(t, d.url, o)
	m := mixed.migrator(t, broken+"?sslmode=disable", fastmigrate.Options{})
	report, err := m.Up(context.Background())
	if err == nil && report.End != "8" {
		t.Errorf("no error at version %s", report.End)
	}
	d.settle()
	d.exact()
	// What the run reports as applied is.
	for _, a := range report.Applied {
		if d.ask("SELECT count(*) FROM _fastmigrate_history WHERE state = 'applied' AND name = '"+a.Step.File()+"'") != "1" {
			t.Errorf("%s was said to be applied", a.Step.File())
		}
	}
	again := mixed.migrator(t, d.url, fastmigrate.Options{LockTimeout: time.Minute})
	if _, err := again.Up(context.Background()); err != nil {
		t.Errorf("the next run: %v", err)
	}
	d.exact()
	d.expect(version, "8")
	d.expect("SELECT string_agg(x::text, ',' ORDER BY x) FROM a", "1,2,3,4,5,6,7,8,9,10,11,12")
	d.expect("SELECT count(*) FROM b", "2")
	d.expect("SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid = 'a'::regclass", "1|true")
	return proxy.Pieces()
}

// settle waits until the server has noticed that its clients are gone.
func (d *db) settle() {
	d.Helper()
	for d.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()") != "0" {
		time.Sleep(5 * time.Millisecond)
	}
}

// The connection is cut at each piece that a run sends: before the server gets
// it, and after, when the answer is lost. Afterwards exactly what the history
// says is there, and the next run finishes. Half of the places are tried in each
// way, and with FASTMIGRATE_CRASH_FULL all.
func TestCutAnywhere(t *testing.T) {
	for name, o := range map[string]func(int) testdb.ProxyOptions{
		"before": func(n int) testdb.ProxyOptions { return testdb.ProxyOptions{CutBefore: n} },
		"after":  func(n int) testdb.ProxyOptions { return testdb.ProxyOptions{CutAfter: n} },
	} {
		t.Run(name, func(t *testing.T) {
			pieces := cut(t, testdb.ProxyOptions{})
			t.Logf("%d places", pieces)
			places := make(chan int)
			var workers sync.WaitGroup
			for range 6 {
				workers.Go(func() {
					for n := range places {
						t.Run(fmt.Sprint(n), func(t *testing.T) { cut(t, o(n)) })
					}
				})
			}
			for n := 1; n <= pieces; n++ {
				if every := os.Getenv("FASTMIGRATE_CRASH_FULL") != ""; every || (n%2 == 0) == (name == "after") {
					places <- n
				}
			}
			close(places)
			workers.Wait()
		})
	}
}

// The server is killed while a run is at work, at six moments of it. After its
// recovery exactly what the history says is there, and the next run finishes.
func TestServerKilled(t *testing.T) {
	server := testdb.PostgresServer(t, "fsync=on")
	for n := range 6 {
		d := &db{t, server.NewDatabase(t)}
		d.create(d.url)
		d.exec(aOrNothing)
		slow, proxy := through(t, d.url, testdb.ProxyOptions{Delay: 4 * time.Millisecond})
		done := make(chan error)
		go func() {
			_, err := mixed.migrator(t, slow, fastmigrate.Options{}).Up(context.Background())
			done <- err
		}()
		for ended := false; proxy.Pieces() < 6*(n+1) && !ended; {
			select {
			case err := <-done:
				t.Fatalf("ended before it was killed: %v", err)
			case <-time.After(time.Millisecond):
			}
		}
		server.Kill()
		restarted := make(chan struct{})
		go func() {
			server.Start(t)
			close(restarted)
		}()
		err := <-done
		<-restarted
		t.Logf("killed at piece %d: %v", proxy.Pieces(), err)
		d.settle()
		d.exact()
		if _, err := d.up(mixed); err != nil {
			t.Errorf("the next run: %v", err)
		}
		d.exact()
		d.expect(version, "8")
		d.expect("SELECT count(*) FROM b", "2")
	}
}

// A run that is killed while the server builds an index finds out, next time,
// what came of it.
func TestKilledDuringIndex(t *testing.T) {
	f := files{"0001-i": "CREATE TABLE done (x int);\nCREATE INDEX CONCURRENTLY i ON a (x);"}
	for _, ends := range []string{"built", "given up", "not yet"} {
		t.Run(ends, func(t *testing.T) {
			d := managed(t)
			d.exec("CREATE TABLE a (x int)")
			// An open transaction that has the table keeps the index from being built.
			keeper, err := pgx.Connect(context.Background(), d.url)
			if err != nil {
				t.Fatal(err)
			}
			defer keeper.Close(context.Background())
			if _, err := keeper.Exec(context.Background(), "BEGIN; INSERT INTO a VALUES (1)"); err != nil {
				t.Fatal(err)
			}
			const building = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CREATE INDEX%' AND state = 'active' AND wait_event_type = 'Lock'"
			broken, proxy := through(t, d.url, testdb.ProxyOptions{})
			done := make(chan error)
			go func() {
				_, err := f.migrator(t, broken, fastmigrate.Options{}).Up(context.Background())
				done <- err
			}()
			for d.ask(building) != "1" {
				time.Sleep(5 * time.Millisecond)
			}
			proxy.Break()
			if err := <-done; err == nil {
				t.Fatal("no error")
			}
			d.expect("SELECT state, segments_done, error FROM _fastmigrate_history", "begun|1|running outside of a transaction: line 2: CREATE INDEX CONCURRENTLY i ON a (x);")
			if ends == "not yet" {
				_, err := d.up(f)
				if err == nil || !strings.Contains(err.Error(), "being built by server process") {
					t.Fatal(err)
				}
				return
			}
			if ends == "given up" {
				d.ask("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND datname = current_database()")
			}
			keeper.Close(context.Background())
			d.settle()
			if ends == "built" {
				report := d.mustUp(f)
				if len(report.Findings) != 1 || !strings.Contains(report.Findings[0].Message, "had built the index") {
					t.Error(report.Findings)
				}
			} else {
				if _, err := d.up(f); err == nil || !strings.Contains(migration.HintOf(err), "--repair") {
					t.Fatal(err)
				}
				if _, err := d.repair(f); err != nil {
					t.Fatal(err)
				}
			}
			d.expect(version, "1")
			d.expect("SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid = 'a'::regclass", "1|true")
		})
	}
}
