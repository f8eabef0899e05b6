package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// over returns a Migrator over a lent connection.
func (l *lent) over(t *testing.T, s source.Source, o fastmigrate.Options) *fastmigrate.Migrator {
	t.Helper()
	m, err := fastmigrate.New(l.open(postgres.Options{}), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// each runs a test on each kind of connection, over a managed database in which
// the program has written something: in its transaction, where it has one.
func each(t *testing.T, test func(t *testing.T, d *db, l *lent)) {
	for name, lend := range callers {
		t.Run(name, func(t *testing.T) {
			d := managed(t)
			l := lend(t, d.url)
			l.exec("CREATE TABLE work (n int); INSERT INTO work VALUES (1); SET work_mem = '3MB'")
			test(t, d, l)
		})
	}
}

// After an error the connection is as it was, and can be gone on with. In a
// caller's transaction nothing of the whole run is left, and what the caller did
// there is.
func TestCallersFail(t *testing.T) {
	wrong := map[string]source.Source{
		"script":   source.FS(files{"0001-a": "CREATE TABLE a (n int)", "0002-b": "SET work_mem = '1MB'; LISTEN x; CREATE TEMP TABLE tmp (n int);\nSELECT nix"}.folder()),
		"constant": source.FS(files{"0001-a": "CREATE TABLE a (n int)", "0002-b": "INSERT INTO nowhere VALUES (1)"}.folder()),
		"function": source.FS(files{"0001-a": "CREATE TABLE a (n int)"}.folder()).With(source.Code{Version: 2, Name: "b", Up: does("SET work_mem = '1MB'", "SELECT nix")}),
		"panic": source.FS(files{"0001-a": "CREATE TABLE a (n int)"}.folder()).With(source.Code{Version: 2, Name: "b",
			Up: postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
				_, _ = tx.Query(ctx, "SELECT generate_series(1, 100000)")
				panic("oh")
			})}),
		"commits": source.FS(files{"0001-a": "CREATE TABLE a (n int)"}.folder()).With(source.Code{Version: 2, Name: "b", Up: pg("COMMIT")}),
	}
	each(t, func(t *testing.T, d *db, l *lent) {
		condition := strings.Replace(condition, "OURS", lockOf("public")+"0", 1)
		before := l.ask(condition)
		for name, s := range wrong {
			report, err := l.over(t, s, fastmigrate.Options{}).Up(t.Context())
			if err == nil || report.Failed == nil || !strings.HasPrefix(report.Failed.File(), "0002-b") {
				t.Errorf("%s: %+v, %v", name, report, err)
			}
			if after := l.ask(condition); after != before {
				t.Errorf("%s left the connection as\n%s", name, different(before, after))
			}
			want := map[bool]string{true: "0 1", false: "1 1"}[l.within]
			if got := l.ask("SELECT version || ' ' || (SELECT count(*) FROM work) FROM _meta"); got != want {
				t.Errorf("%s left %s, want %s", name, got, want)
			}
			if !l.within {
				l.exec("UPDATE _meta SET version = 0; DROP TABLE a; DROP TABLE _fastmigrate_history")
			}
		}
		if _, err := l.over(t, source.FS(files{"0001-a": "CREATE TABLE a (n int)"}.folder()), fastmigrate.Options{}).Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		if l.back != nil {
			d.expect("SELECT to_regclass('work')", "<nil>")
			if err := l.back(); err != nil {
				t.Fatal(err)
			}
			d.expect("SELECT version, to_regclass('work'), to_regclass('a') FROM _meta", "0|<nil>|<nil>")
		}
	})
}

// What must stand outside of a transaction is refused in one of the caller's
// before anything runs, and elsewhere works as ever.
func TestCallersOutside(t *testing.T) {
	apart := map[string]string{
		"0002-b.sql": "CREATE INDEX CONCURRENTLY i ON a (n); VACUUM a", "0003-c.sql": "BEGIN; SET LOCAL work_mem = '1MB'; INSERT INTO a VALUES (1); COMMIT; SET work_mem = '2MB'; BEGIN; INSERT INTO a VALUES (2); COMMIT",
		"0004-d.sql": "-- fastmigrate: no-transaction\nSET work_mem = '1MB';\nINSERT INTO a VALUES (3)",
	}
	each(t, func(t *testing.T, d *db, l *lent) {
		for name, text := range apart {
			f := files{"0001-a": "CREATE TABLE a (n int)", name: text}
			if _, err := l.over(t, source.FS(f.folder()), fastmigrate.Options{}).Up(t.Context()); l.within != errors.Is(err, migration.ErrNotAtomic) || !l.within && err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A program gets a URL, of which there is none.
		f := files{"0001-a": "CREATE TABLE a (n int)", "0005-e.sh": "exit 1"}
		if _, err := l.over(t, source.FS(f.folder()), fastmigrate.Options{}).Up(t.Context()); !errors.Is(err, migration.ErrUnsupported) && !errors.Is(err, migration.ErrNotAtomic) || migration.HintOf(err) == "" {
			t.Errorf("a program: %v", err)
		}
		// What can't be given back is refused.
		for _, text := range []string{"DISCARD ALL", "SELECT 1;\nDISCARD TEMP"} {
			f := files{"0009-x": text}
			if _, err := l.over(t, source.FS(f.folder()), fastmigrate.Options{}).Up(t.Context()); !errors.Is(err, migration.ErrRefused) {
				t.Errorf("%s: %v", text, err)
			}
			s := source.FS(files{}.folder()).With(source.Code{Version: 9, Name: "x", Up: does(text)})
			if _, err := l.over(t, s, fastmigrate.Options{}).Up(t.Context()); !errors.Is(err, migration.ErrRefused) {
				t.Errorf("%s in a function: %v", text, err)
			}
		}
		want := "0 "
		if !l.within {
			want = "4 a"
		}
		if got := l.ask("SELECT version || ' ' || coalesce(to_regclass('a')::text, '') FROM _meta"); got != want {
			t.Errorf("at %q, want %q", got, want)
		}
		if got := l.ask("SHOW work_mem"); got != "3MB" {
			t.Errorf("work_mem is %s", got)
		}
	})
}

// Runs exclude each other, whatever they run on.
func TestCallersLock(t *testing.T) {
	each(t, func(t *testing.T, d *db, l *lent) {
		tries := func(b *postgres.Backend) error {
			s, err := b.Session(t.Context(), backend.SessionOptions{LockTimeout: -1})
			if err == nil {
				err = s.Close()
			}
			return err
		}
		theirs, err := open(t, d.url).Session(t.Context(), backend.SessionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := tries(l.open(postgres.Options{})); !errors.Is(err, migration.ErrBusyRun) {
			t.Errorf("on a connection of the program's own: %v", err)
		}
		if err := theirs.Close(); err != nil {
			t.Fatal(err)
		}
		b := l.open(postgres.Options{})
		ours, err := b.Session(t.Context(), backend.SessionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := tries(open(t, d.url)); !errors.Is(err, migration.ErrBusyRun) {
			t.Errorf("by the URL: %v", err)
		}
		if err := ours.Close(); err != nil {
			t.Fatal(err)
		}
		if err := tries(open(t, d.url)); l.within != errors.Is(err, migration.ErrBusyRun) || !l.within && err != nil {
			t.Errorf("by the URL, afterwards: %v", err)
		}
		if l.commit != nil {
			if err := l.commit(); err != nil {
				t.Fatal(err)
			}
			if err := tries(open(t, d.url)); err != nil {
				t.Errorf("by the URL, at last: %v", err)
			}
		}
		if err := tries(l.open(postgres.Options{RowLock: true})); !errors.Is(err, migration.ErrUnsupported) {
			t.Errorf("with a row for the lock: %v", err)
		}
	})
}

// Cancelling a run ends the statement, and leaves the connection open.
func TestCallersCancel(t *testing.T) {
	slow := map[string]source.Source{
		"script":   source.FS(files{"0001-a": "CREATE TABLE a (n int);\nSELECT pg_sleep(600)"}.folder()),
		"function": source.FS(files{}.folder()).With(source.Code{Version: 1, Name: "a", Up: does("CREATE TABLE a (n int)", "SELECT pg_sleep(600)")}),
		"rows": source.FS(files{}.folder()).With(source.Code{Version: 1, Name: "a", Up: postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, "SELECT pg_sleep($1)", 600).Scan(nil)
		})}),
	}
	each(t, func(t *testing.T, d *db, l *lent) {
		for name, s := range slow {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				for d.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") != "1" {
					time.Sleep(5 * time.Millisecond)
				}
				cancel()
			}()
			if _, err := l.over(t, s, fastmigrate.Options{}).Up(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
			if got := l.ask("SELECT count(*) || ' ' || coalesce(to_regclass('a')::text, 'none') FROM work"); got != "1 none" {
				t.Errorf("%s left %s", name, got)
			}
		}
	})
}

// A transaction of database/sql whose context ends is rolled back by database/sql
// once we are done with it, and not from under us.
func TestCallersContextEnds(t *testing.T) {
	d := managed(t)
	ctx, cancel := context.WithCancel(t.Context())
	tx, err := handle(t, d.url).BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := source.FS(files{"0001-a": "CREATE TABLE a (n int)"}.folder()).With(source.Code{Version: 2, Name: "b", Up: migration.Func(func(_ context.Context, tx migration.Tx) error {
		cancel()
		_, err := tx.ExecContext(context.WithoutCancel(ctx), "SELECT pg_sleep(0.05)")
		return err
	})})
	m, err := fastmigrate.New(postgres.NewSQLTx(tx, postgres.Options{}), s, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil && !errors.Is(err, sql.ErrTxDone) {
		t.Error(err)
	}
	if err := tx.Commit(); !errors.Is(err, context.Canceled) && !errors.Is(err, sql.ErrTxDone) {
		t.Error(err)
	}
	d.expect("SELECT version, to_regclass('a') FROM _meta", "0|<nil>")
}

// While a run has the one connection, others are told so, and do not wait for
// ever.
func TestCallersInUse(t *testing.T) {
	d := managed(t)
	b := postgres.NewConn(connected(t, d.url), postgres.Options{})
	s, err := b.Session(t.Context(), backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.State(t.Context()); !errors.Is(err, migration.ErrBusyRun) {
		t.Error(err)
	}
	if _, err := b.Session(t.Context(), backend.SessionOptions{LockTimeout: 50 * time.Millisecond}); !errors.Is(err, migration.ErrBusyRun) {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if state, err := b.State(t.Context()); err != nil || state != "0" {
		t.Error(state, err)
	}
}

// A script that gives up all advisory locks gives up ours, and records nothing.
func TestCallersLoseLock(t *testing.T) {
	d := managed(t)
	b := postgres.NewConn(connected(t, d.url), postgres.Options{})
	m, err := fastmigrate.New(b, source.FS(files{"0001-a": "CREATE TABLE a (n int); SELECT pg_advisory_unlock_all()"}.folder()), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); !errors.Is(err, migration.ErrBusyRun) || !strings.Contains(err.Error(), "lost") {
		t.Error(err)
	}
	d.expect("SELECT version, to_regclass('a') FROM _meta", "0|<nil>")
}

// What the driver has prepared by itself is there after DEALLOCATE ALL, and so
// are statements of the program's own.
func TestCallersPrepared(t *testing.T) {
	d := managed(t)
	conn := connected(t, d.url)
	if _, err := conn.Prepare(t.Context(), "mine", "SELECT $1::int + 1"); err != nil {
		t.Fatal(err)
	}
	use := func() {
		t.Helper()
		var n, m int
		if err := errors.Join(conn.QueryRow(t.Context(), "mine", 1).Scan(&n), conn.QueryRow(t.Context(), "SELECT $1::int * 2", 2).Scan(&m)); err != nil || n != 2 || m != 4 {
			t.Errorf("%d, %d, %v", n, m, err)
		}
	}
	use()
	s := source.FS(files{"0001-a": "DEALLOCATE ALL"}.folder()).With(source.Code{Version: 2, Name: "b", Up: pg("DEALLOCATE mine")},
		source.Code{Version: 3, Name: "c", Up: postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			for _, name := range []string{"theirs", "other"} {
				if _, err := tx.Prepare(ctx, name, fmt.Sprintf("SELECT '%s'", name)); err != nil {
					return err
				}
			}
			return tx.Conn().Deallocate(ctx, "mine")
		})})
	m, err := fastmigrate.New(postgres.NewConn(conn, postgres.Options{}), s, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT $1::int * 2", 2).Scan(&n); err != nil || n != 4 {
		t.Error(n, err)
	}
	var names string
	if err := conn.QueryRow(t.Context(), "SELECT string_agg(name, ' ') FROM pg_prepared_statements WHERE name NOT LIKE 'stmtcache%'", pgx.QueryExecModeExec).Scan(&names); err != nil || names != "mine" {
		t.Error(names, err)
	}
}

// Along a graph, a program's own transaction is part of what the caller does.
func TestCallersRevisions(t *testing.T) {
	d := &db{t, testdb.Postgres(t)}
	tx, err := connected(t, d.url).BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.Serializable})
	if err != nil {
		t.Fatal(err)
	}
	b := postgres.NewTx(tx, postgres.Options{})
	s := source.Revisions(graph.folder())
	for _, target := range []migration.Revision{"rev4", "rev1", "rev2"} {
		if _, err := trek.To(t.Context(), b, s, target, trek.Open); err != nil {
			t.Fatal(err)
		}
	}
	if at, err := trek.Current(t.Context(), b); err != nil || at != "rev2" {
		t.Error(at, err)
	}
	d.expect(tables, "<nil>")
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.expect(steps, "initial>rev1 rev1>rev2 rev2>rev4 rev4>rev2 rev2>rev1 rev1>rev2")
}
