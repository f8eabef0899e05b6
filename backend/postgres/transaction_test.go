package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// hold runs statements in a transaction that stays open until the function it
// returns is called.
func (d *db) hold(statements string) (release func()) {
	d.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, d.url)
	if err == nil {
		_, err = conn.Exec(ctx, "BEGIN;"+statements)
	}
	if err != nil {
		d.Fatal(err)
	}
	return sync.OnceFunc(func() { conn.Close(ctx) })
}

// A migration that has to wait for another program's lock gives up its place in
// the queue, and tries again.
func TestRetries(t *testing.T) {
	d := managed(t)
	d.exec("CREATE TABLE busy (x int)")
	release := d.hold("LOCK TABLE busy")
	defer release()
	f := files{"0001-a": "CREATE TABLE a (x int); ALTER TABLE busy ADD y int"}
	_, err := d.upOn(d.url+"?lock_timeout=20ms&retries=1", f)
	var e *migration.Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "55P03") || !strings.Contains(e.Hint, "lock_timeout") || e.Origin.Line != 1 {
		t.Errorf("%v, %+v", err, e)
	}
	d.expect("SELECT to_regclass('a')", "<nil>")
	var told []string
	m := f.migrator(t, d.url+"?lock_timeout=20ms&retries=100", fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
		if p, ok := e.(fastmigrate.Progressed); ok {
			told = append(told, p.Activity)
			release()
		}
	}})
	if _, err := m.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(told) == 0 || !strings.Contains(told[0], "trying again, 1 of 100") {
		t.Errorf("told %q", told)
	}
	d.expect(version, "1")
	d.expect(entries, "0001-a.sql|applied|0")
}

// Cancelling a run ends the statement on the server and keeps nothing of it.
func TestCancel(t *testing.T) {
	for name, script := range map[string]string{
		"wrapped":  "CREATE TABLE a (x int);\nSELECT pg_sleep(600);",
		"segments": "BEGIN; CREATE TABLE b (x int); COMMIT; CREATE TABLE a (x int);\nSELECT pg_sleep(600);",
		"copy":     "CREATE TABLE a (x int); CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$; CREATE TRIGGER s BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION slow();\nCOPY a FROM STDIN;\n1\n\\.\n",
	} {
		t.Run(name, func(t *testing.T) {
			d := managed(t)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			go func() {
				for d.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") != "1" {
					time.Sleep(5 * time.Millisecond)
				}
				cancel()
			}()
			_, err := files{"0001-a": script}.migrator(t, d.url, fastmigrate.Options{}).Up(ctx)
			var e *migration.Error
			if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Origin.Line != 2 {
				t.Errorf("%v", err)
			}
			d.expect(version, "0")
			d.expect("SELECT to_regclass('a')", "<nil>")
			d.expect("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'", "0")
			if name == "segments" {
				d.expect(entries, "0001-a.sql|failed|1")
			}
		})
	}
}

// With atomic all migrations of a run are applied, or none.
func TestAtomic(t *testing.T) {
	d := managed(t)
	works := func(f files) (works []backend.Work) {
		p, err := f.migrator(t, d.url, fastmigrate.Options{}).Plan(context.Background(), fastmigrate.Goal{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Steps {
			works = append(works, backend.Work{Step: s.Step, Entry: migration.Entry{
				Kind: migration.Files, From: s.From, To: s.To, Name: s.File(), Checksum: s.Traits.Checksum}})
		}
		return works
	}
	apply := func(f files) ([]backend.Result, error) {
		w := works(f)
		s, err := open(t, d.url).Session(context.Background(), backend.SessionOptions{Atomic: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.(backend.Grouper).ApplyGroup(context.Background(), w)
	}
	f := files{
		"0001-a": "CREATE TABLE a (x int); SET search_path = ''; CREATE TEMP TABLE tmp (x int);",
		"0002-b": "CREATE TABLE b (x int);\nCOPY b FROM STDIN;\n1\n\\.\n",
		"0003-c": "INSERT INTO b VALUES (2);\nSELECT nix;",
	}
	results, err := apply(f)
	if err == nil || len(results) != 0 || !strings.Contains(err.Error(), "0003-c.sql:2:8") {
		t.Errorf("%v, %v", results, err)
	}
	d.expect(version, "0")
	d.expect("SELECT coalesce(to_regclass('a'), to_regclass('_fastmigrate_history'))", "<nil>")
	f["0003-c"] = "INSERT INTO b VALUES (2);\nCREATE TABLE seen AS SELECT to_regclass('tmp')::text AS t;"
	if results, err = apply(f); err != nil || len(results) != 3 || results[2].Statements != 2 {
		t.Errorf("%v, %v", results, err)
	}
	d.expect(entries, "0001-a.sql|applied|0 0002-b.sql|applied|0 0003-c.sql|applied|0")
	d.expect("SELECT count(*), (SELECT t FROM seen) FROM b", "2|<nil>")
	d.expect("SELECT count(DISTINCT xmin::text) FROM _fastmigrate_history", "1")
	if _, err := apply(files{"0004-i": "CREATE INDEX CONCURRENTLY ON a (x)"}); !errors.Is(err, migration.ErrUnsupported) {
		t.Error(err)
	}
}

// endless is a script of a size that is made up as it is read.
func endless(bytes int, line func(int) string, before, after string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() {
			written, _ := io.WriteString(w, before)
			for i := 0; written < bytes; i++ {
				n, err := io.WriteString(w, line(i))
				if err != nil {
					return
				}
				written += n
			}
			_, _ = io.WriteString(w, after)
			w.Close()
		}()
		return r, nil
	}
}

// A script of 50 MB takes no more memory than a small one, as statements or as
// data of COPY.
func TestLargeScript(t *testing.T) {
	pad := strings.Repeat("x", 900)
	for name, open50 := range map[string]func() (io.ReadCloser, error){
		"statements": endless(50<<20, func(i int) string { return fmt.Sprintf("INSERT INTO a VALUES (%d, '%s');\n", i, pad) }, "CREATE TABLE a (x int, t text);\n", ""),
		"copy":       endless(50<<20, func(i int) string { return fmt.Sprintf("%d\t%s\n", i, pad) }, "CREATE TABLE a (x int, t text);\nCOPY a FROM STDIN;\n", "\\.\nSELECT 1;"),
	} {
		t.Run(name, func(t *testing.T) {
			d := managed(t)
			b := open(t, d.url)
			ctx := context.Background()
			script := &migration.SQL{Name: "0001-large.sql", Reader: open50}
			traits, err := b.Inspect(ctx, script)
			if err != nil {
				t.Fatal(err)
			}
			var peak uint64
			reports := 0
			s, err := b.Session(ctx, backend.SessionOptions{Progress: func(backend.Progress) {
				if reports++; reports%20 == 0 {
					var m runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&m)
					peak = max(peak, m.HeapAlloc)
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			step := migration.Step{Migration: migration.Migration{Version: 1, Up: script}, From: "0", To: "1", Traits: traits}
			began := time.Now()
			if _, err := s.Apply(ctx, backend.Work{Step: step, Entry: migration.Entry{Kind: migration.Files, From: "0", To: "1", Name: "0001-large.sql", Checksum: traits.Checksum}}); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes in %v, %d reports, %.1f MB of heap at most", traits.Bytes, time.Since(began).Round(time.Millisecond), reports, float64(peak)/1e6)
			if peak > 20e6 {
				t.Errorf("%d bytes of heap", peak)
			}
			d.expect(version, "1")
			d.expect("SELECT count(*) > 50000 FROM a", "true")
		})
	}
}
