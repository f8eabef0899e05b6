package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
)

// five are scripts that are sent in one message, the third of which is given.
// The text before it has characters of several bytes.
func five(third string) files {
	return files{
		"0001-a": "CREATE TABLE a (x int PRIMARY KEY); -- é€😀\nINSERT INTO a VALUES (1);",
		"0002-b": "COMMENT ON TABLE a IS 'é€😀';\nINSERT INTO a VALUES (2);",
		"0003-c": third,
		"0004-d": "INSERT INTO a VALUES (4);",
		"0005-e": "INSERT INTO a VALUES (5);",
	}
}

const rowsOfA = "SELECT string_agg(x::text, ',' ORDER BY x) FROM a"

// behindGate is a script that waits until a gate is opened.
const behindGate = "INSERT INTO a VALUES (3);\nCREATE TABLE gate (x text);\nINSERT INTO gate VALUES (pg_advisory_xact_lock_shared(7)::text);"

// gate is what a script waits for. It returns once someone does, where wait is
// called.
func (d *db) gate() (wait, open func()) {
	d.Helper()
	keeper, err := pgx.Connect(context.Background(), d.url)
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { keeper.Close(context.Background()) })
	if _, err := keeper.Exec(context.Background(), "SELECT pg_advisory_lock(7)"); err != nil {
		d.Fatal(err)
	}
	wait = func() {
		for deadline := time.Now().Add(30 * time.Second); d.ask(atGate) != "1"; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				d.Fatal("nobody waits at the gate")
			}
		}
	}
	return wait, func() { keeper.Close(context.Background()) }
}

const atGate = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 7 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"

// outcome is what a run that goes on beside the test came to.
type outcome struct {
	report *fastmigrate.Report
	err    error
}

func (d *db) start(ctx context.Context, f files, query string, events func(fastmigrate.Event)) <-chan outcome {
	done := make(chan outcome, 1)
	m := f.migrator(d.T, d.url+query, fastmigrate.Options{OnEvent: events})
	go func() {
		report, err := m.Up(ctx)
		done <- outcome{report, err}
	}()
	return done
}

// stands fails unless the first n of five are applied, by everything that tells.
func (d *db) stands(n int, report *fastmigrate.Report) {
	d.Helper()
	d.expect(version, fmt.Sprint(n))
	var rows, names []string
	for i := 1; i <= n; i++ {
		rows = append(rows, fmt.Sprint(i))
		names = append(names, fmt.Sprintf("%04d-%c.sql|applied|0", i, 'a'+i-1))
	}
	d.expect(rowsOfA, strings.Join(rows, ","))
	d.expect(entries, strings.Join(names, " "))
	if report != nil && (len(report.Applied) != n || report.End != migration.Version(n).State()) {
		d.Errorf("the report says %d applied, at %s; want %d", len(report.Applied), report.End, n)
	}
}

// However a script fails that is sent with others: those before it are there,
// nothing behind it was run, and the error has its place.
func TestSeriesFails(t *testing.T) {
	for name, c := range map[string]struct{ third, place, says string }{
		"execution":         {"CREATE TABLE c (x int);\n\n  INSERT INTO é VALUES (3);", "0003-c.sql:3:15", "42P01"},
		"without a place":   {"CREATE TABLE c (x int);\nINSERT INTO a VALUES (1);", "0003-c.sql:2:1", "23505"},
		"syntax":            {"CREATE TABLE c (x int);\nCREATE TABLE d (é intt intt);", "0003-c.sql:2:24", "42601"},
		"deferred":          {"CREATE TABLE c (x int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (77);", "0003-c.sql", "23503"},
		"division by zero":  {"CREATE TABLE c (x int);\nINSERT INTO c VALUES (1 / (1 - 1));", "0003-c.sql:2:1", "22012"},
		"another's version": {"CREATE TABLE c (x int);\nTRUNCATE _meta;", "0003-c.sql", "the script removed its row"},
	} {
		t.Run(name, func(t *testing.T) {
			d := managed(t)
			report, err := d.up(five(c.third))
			if err == nil || !strings.HasPrefix(err.Error(), c.place) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, want it at %s with %s", err, c.place, c.says)
			}
			if rest := strings.TrimPrefix(err.Error(), c.place); !strings.HasPrefix(rest, ": ") {
				t.Errorf("%v, want it at %s", err, c.place)
			}
			if report.Failed == nil || report.Failed.File() != "0003-c.sql" || len(report.Skipped) != 2 {
				t.Errorf("failed %v, skipped %v", report.Failed, report.Skipped)
			}
			d.stands(2, report)
			d.expect("SELECT to_regclass('c') IS NULL", "true")
			report = d.mustUp(five("INSERT INTO a VALUES (3)"))
			d.stands(5, nil)
			if len(report.Applied) != 3 {
				t.Errorf("%d applied", len(report.Applied))
			}
		})
	}
}

// The first that fails is found also where it is the first of all.
func TestSeriesFirstFails(t *testing.T) {
	d := managed(t)
	f := five("INSERT INTO a VALUES (3)")
	f["0001-a"] = "CREATE TABLE a (x int;"
	report, err := d.up(f)
	if err == nil || !strings.HasPrefix(err.Error(), "0001-a.sql:1:22: ") || len(report.Applied) != 0 {
		t.Fatal(err)
	}
	d.expect(version, "0")
}

// Each script of a message is a transaction of its own: a new value of an enum
// can be used by the next.
func TestSeriesOwnTransactions(t *testing.T) {
	d := managed(t)
	d.mustUp(files{
		"0001-a": "CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE a (x mood)",
		"0002-b": "ALTER TYPE mood ADD VALUE 'sad'",
		"0003-c": "INSERT INTO a VALUES ('sad')",
	})
	d.expect("SELECT x FROM a", "sad")
	d.expect("SELECT count(DISTINCT xmin::text) FROM _fastmigrate_history", "3")
}

// What a script did to its connection, by a trigger of another, does not reach
// the next one.
func TestSeriesLeaksNothing(t *testing.T) {
	d := managed(t)
	d.mustUp(files{
		"0001-a": "CREATE TABLE a (x int); CREATE TABLE seen (setting text, n text)",
		"0002-b": `CREATE FUNCTION leak() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			PERFORM set_config('app.x', 'leaked', false), set_config('search_path', 'nowhere', false), pg_advisory_lock(8);
			EXECUTE 'LISTEN leaked'; RETURN NULL; END $$`,
		"0003-c": "CREATE TRIGGER leaks AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION leak()",
		"0004-d": "INSERT INTO a VALUES (1)",
		"0005-e": "INSERT INTO seen VALUES (current_setting('app.x', true) || current_schema(), pg_listening_channels())",
		"0006-f": "INSERT INTO seen VALUES (current_setting('app.x', true) || current_schema(), pg_try_advisory_xact_lock(8)::text)",
	})
	d.expect("SELECT * FROM seen", "public|true")
	// An emptied history is no reason to fail.
	d.mustUp(files{"0007-a": "CREATE TABLE g (x int)", "0008-b": "TRUNCATE _fastmigrate_history", "0009-c": "DROP TABLE g"})
	d.expect("SELECT string_agg(name, ' ' ORDER BY id) FROM _fastmigrate_history", "0008-b.sql 0009-c.sql")
}

// The times of the history follow one another.
func TestSeriesTimes(t *testing.T) {
	d := managed(t)
	report := d.mustUp(five("CREATE TABLE c (x text);\nINSERT INTO c VALUES (pg_sleep(0.3)::text);\nINSERT INTO a VALUES (3);"))
	d.stands(5, report)
	for i, a := range report.Applied {
		if took := a.Result.Duration; took <= 0 || (took >= 300*time.Millisecond) != (i == 2) {
			t.Errorf("%s took %v", a.Step.File(), took)
		}
	}
	if n := report.Applied[2].Result.Statements; n != 3 {
		t.Errorf("%d statements", n)
	}
	d.expect("SELECT bool_and(started_at <= finished_at), bool_and((duration_ms >= 300) = (id = 3)), count(*) FROM _fastmigrate_history", "true|true|5")
	d.expect("SELECT count(*) FROM _fastmigrate_history AS a JOIN _fastmigrate_history AS b ON b.id = a.id + 1 WHERE b.started_at < a.finished_at", "0")
}

// While a script runs, those before it are committed and have let go of their
// locks; the events tell which one it is, and none that is sent with it is said
// to be applied.
func TestSeriesLetsGo(t *testing.T) {
	d := managed(t)
	f := five(behindGate)
	f["0002-b"] = "ALTER TABLE a ADD COLUMN y int;\nINSERT INTO a VALUES (2);"
	wait, open := d.gate()
	var mu sync.Mutex
	var told []string
	applied := 0
	done := d.start(context.Background(), f, "?lock_timeout=0", func(e fastmigrate.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch e := e.(type) {
		case fastmigrate.Progressed:
			told = append(told, e.File+" "+e.Activity)
		case fastmigrate.Applied:
			applied++
		}
	})
	wait()
	d.exec("SET lock_timeout = '200ms'; LOCK TABLE a IN ACCESS SHARE MODE" + "; SELECT y FROM a")
	d.expect(version, "2")
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		mu.Lock()
		n := len(told)
		mu.Unlock()
		if n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing is told of what runs")
		}
	}
	mu.Lock()
	if !strings.HasPrefix(told[0], "0003-c.sql waits for a lock") || applied != 0 {
		t.Errorf("told %q, %d applied", told, applied)
	}
	mu.Unlock()
	open()
	if o := <-done; o.err != nil {
		t.Fatal(o.err)
	}
	d.stands(5, nil)
}

// A cancelled run keeps what was committed before, and nothing else.
func TestSeriesCancelled(t *testing.T) {
	d := managed(t)
	wait, _ := d.gate()
	ctx, cancel := context.WithCancel(context.Background())
	done := d.start(ctx, five(behindGate), "?lock_timeout=0", nil)
	wait()
	cancel()
	o := <-done
	if !errors.Is(o.err, context.Canceled) || !strings.HasPrefix(o.err.Error(), "0003-c.sql:3:1") {
		t.Error(o.err)
	}
	d.stands(2, o.report)
}

// Where another program is in the way of a script, that one is tried again, and
// those before it are not.
func TestSeriesTriedAgain(t *testing.T) {
	d := managed(t)
	d.exec("CREATE TABLE other (x int)")
	keeper, err := pgx.Connect(context.Background(), d.url)
	if err != nil {
		t.Fatal(err)
	}
	defer keeper.Close(context.Background())
	if _, err := keeper.Exec(context.Background(), "BEGIN; LOCK TABLE other"); err != nil {
		t.Fatal(err)
	}
	tried := make(chan string, 100)
	done := d.start(context.Background(), five("INSERT INTO a VALUES (3);\nALTER TABLE other ADD COLUMN y int;"), "?lock_timeout=100ms&retries=50", func(e fastmigrate.Event) {
		if e, ok := e.(fastmigrate.Progressed); ok {
			tried <- e.File + ": " + e.Activity
		}
	})
	if told := <-tried; !strings.HasPrefix(told, "0003-c.sql: another program was in the way (SQLSTATE 55P03)") {
		t.Error(told)
	}
	d.expect(version, "2")
	keeper.Close(context.Background())
	o := <-done
	if o.err != nil {
		t.Fatal(o.err)
	}
	d.stands(5, o.report)
}

// A run that loses its lock between two scripts of a message records nothing
// more.
func TestSeriesLosesItsLock(t *testing.T) {
	for kind, take := range map[string]string{
		"advisory": "SELECT pg_terminate_backend(l.pid, 5000) FROM pg_locks AS l WHERE locktype = 'advisory' AND granted AND objid <> 7 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
		"row":      "DELETE FROM _fastmigrate_lock RETURNING true",
	} {
		t.Run(kind, func(t *testing.T) {
			d := managed(t)
			wait, open := d.gate()
			done := d.start(context.Background(), five(behindGate), "?lock_timeout=0&lock="+kind, nil)
			wait()
			d.expect(take, "true")
			open()
			o := <-done
			if !errors.Is(o.err, migration.ErrBusyRun) || !strings.HasPrefix(o.err.Error(), "0003-c.sql: ") {
				t.Error(o.err)
			}
			d.stands(2, o.report)
		})
	}
}

// Where the connection breaks while a script runs, how many are committed is
// read from the database.
func TestSeriesCut(t *testing.T) {
	d := managed(t)
	wait, _ := d.gate()
	done := d.start(context.Background(), five(behindGate), "?lock_timeout=0", nil)
	wait()
	d.expect("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 7", "true")
	o := <-done
	if o.err == nil || !strings.HasPrefix(o.err.Error(), "0003-c.sql:3:1: ") {
		t.Error(o.err)
	}
	d.stands(2, o.report)
}

// Where the server can't be reached any more it is not known how many are
// committed, and what it still does for the run is not recorded.
func TestSeriesUnreachable(t *testing.T) {
	d := managed(t)
	wait, open := d.gate()
	near := *d
	var proxy *testdb.Proxy
	near.url, proxy = through(t, d.url, testdb.ProxyOptions{})
	done := near.start(context.Background(), five(behindGate), "?lock_timeout=0&sslmode=disable", nil)
	wait()
	proxy.Break()
	o := <-done
	if o.err == nil || !strings.Contains(o.err.Error(), "it is not known whether it was") || len(o.report.Applied) > 0 {
		t.Errorf("%v, %d applied", o.err, len(o.report.Applied))
	}
	open()
	d.settle()
	d.stands(2, nil)
	d.mustUp(five("INSERT INTO a VALUES (3)"))
	d.stands(5, nil)
}

// What leaves something on the connection, or may, is not sent with others.
func TestLight(t *testing.T) {
	for text, want := range map[string]bool{
		"CREATE TABLE a (x int GENERATED ALWAYS AS IDENTITY)":                   true,
		"CREATE UNLOGGED TABLE a (x int); CREATE INDEX ON a (x)":                true,
		"CREATE OR REPLACE FUNCTION f() RETURNS int AS 'SELECT 1' LANGUAGE sql": true,
		"INSERT INTO a (x, y) VALUES (1, now()) ON CONFLICT DO NOTHING":         true,
		"ALTER TABLE a ADD COLUMN y int":                                        true,
		"SET LOCAL lock_timeout = '1s'; DROP TABLE a":                           true,
		"GRANT SELECT ON a TO b; COMMENT ON TABLE a IS 'x'":                     true,
		"":                                                     false,
		"SET lock_timeout = '1s'":                              false,
		"SET LOCAL role x":                                     false,
		"SET LOCAL client_encoding = 'LATIN1'":                 false,
		"SET standard_conforming_strings = off":                false,
		"SET search_path = x":                                  false,
		"CREATE TEMP TABLE a (x int)":                          false,
		"CREATE TABLE a AS SELECT 1":                           false,
		"CREATE TABLE a (x) AS VALUES (1)":                     false,
		"CREATE MATERIALIZED VIEW v AS SELECT 1":               false,
		"CREATE EXTENSION x":                                   false,
		"CREATE INDEX CONCURRENTLY i ON a (x)":                 false,
		"INSERT INTO a SELECT 1":                               false,
		"INSERT INTO a VALUES ((SELECT 1))":                    false,
		"INSERT INTO a VALUES (set_config('x.y', '1', false))": false,
		"SELECT f()":                                           false,
		"DO $$ BEGIN END $$":                                   false,
		"CALL p()":                                             false,
		"UPDATE a SET x = 1":                                   false,
		"DELETE FROM a":                                        false,
		"ALTER TABLE a ALTER x TYPE text":                      false,
		"ALTER TABLE a VALIDATE CONSTRAINT c":                  false,
		"ALTER ROLE x SET search_path = y":                     false,
		"COPY a FROM STDIN;\n\\.\n":                            false,
		"SAVEPOINT s; RELEASE s":                               false,
		"PREPARE p AS SELECT 1":                                false,
		"LISTEN x":                                             false,
		"INSERT INTO a VALUES ('" + strings.Repeat("x", 40<<10) + "')": false,
		"CREATE TABLE a (x int); SELECT 1":                             false,
	} {
		if traits, err := inspect(t, text); err != nil || traits.Light != want {
			t.Errorf("%.60s: %v, %v", text, traits.Light, err)
		}
	}
}
