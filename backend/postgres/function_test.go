package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// does returns a function that executes statements.
func does(statements ...string) migration.Func {
	return func(ctx context.Context, tx migration.Tx) error {
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

// pg returns the same as a function for PostgreSQL alone.
func pg(statements ...string) postgres.Func {
	return func(ctx context.Context, tx pgx.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

// functions runs functions to a goal.
func (d *db) functions(b backend.Backend, f *source.Functions, goal fastmigrate.Goal) (*fastmigrate.Report, error) {
	d.Helper()
	m, err := fastmigrate.New(b, f, fastmigrate.Options{})
	if err != nil {
		d.Fatal(err)
	}
	return m.Run(context.Background(), goal)
}

const functionRows = "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM migrations"

// A function gets its transaction in either shape, and its row is there with
// what it did. No other table of ours is made.
func TestFunctions(t *testing.T) {
	d := &db{t, testdb.Postgres(t)}
	b := open(t, d.url)
	var f source.Functions
	f.Add(0, "a", does("CREATE TABLE a (n int); INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)"))
	f.AddCallable(1, "it's", pg("INSERT INTO a VALUES (3)"))
	f.AddRollbackCallable(1, "un-it's", pg("DELETE FROM a WHERE n = 3"))
	fns, err := fastmigrate.NewFunctions(b, &f, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if records, err := fns.Applied(ctx); err != nil || records != nil {
		t.Errorf("of an empty database: %v, %v", records, err)
	}
	report, err := fns.Migrate(ctx)
	if err != nil || len(report.Applied) != 2 || report.Start != migration.None || report.End != "1" {
		t.Fatalf("%+v, %v", report, err)
	}
	d.expect(functionRows, "0 a, 1 it's")
	d.expect("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1", "a migrations")
	last, err := fns.LastApplied(ctx)
	if since := time.Since(last.InsertedAt); err != nil || last.Name != "it's" || since < -time.Minute || since > time.Hour {
		t.Errorf("%+v, %v", last, err)
	}
	if report, err := fns.Migrate(ctx); err != nil || len(report.Applied) != 0 {
		t.Errorf("a second time: %+v, %v", report, err)
	}
	if _, err := fns.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	d.expect(functionRows, "0 a")
	d.expect("SELECT sum(n) FROM a", "3")
	if _, err := fns.Rollback(ctx); !errors.Is(err, migration.ErrNoRollback) {
		t.Error(err)
	}
	for to, want := range map[migration.State]string{"1": "0 a, 1 it's", migration.None: "<nil>"} {
		if err := fns.MarkAt(ctx, to); err != nil {
			t.Error(err)
		}
		d.expect(functionRows, want)
		d.expect("SELECT sum(n) FROM a", "3")
	}
}

// A function can't end the transaction that keeps it whole, by either driver,
// whatever it makes of the refusal; where it gets around that, it is found out.
func TestFunctionCannotCommit(t *testing.T) {
	d := &db{t, testdb.Postgres(t)}
	d.exec("CREATE TABLE a (n int)")
	for name, f := range map[string]migration.Callable{
		"exec":      does("INSERT INTO a VALUES (1)", "COMMIT"),
		"among":     does("INSERT INTO a VALUES (1); /* x */ end transaction; SELECT 1"),
		"swallowed": migration.Func(func(ctx context.Context, tx migration.Tx) error { _, _ = tx.ExecContext(ctx, "ROLLBACK"); return nil }),
		"query":     migration.Func(func(ctx context.Context, tx migration.Tx) error { return tx.QueryRowContext(ctx, "COMMIT").Err() }),
		"conn": migration.Func(func(ctx context.Context, tx migration.Tx) error {
			_, err := tx.(*sql.Conn).BeginTx(ctx, nil)
			return err
		}),
		"pgx": pg("INSERT INTO a VALUES (1)", "COMMIT"),
		"pgx query": postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			rows, _ := tx.Query(ctx, "COMMIT")
			rows.Close()
			return nil
		}),
		"pgx row":    postgres.Func(func(ctx context.Context, tx pgx.Tx) error { return tx.QueryRow(ctx, "BEGIN").Scan() }),
		"pgx commit": postgres.Func(func(ctx context.Context, tx pgx.Tx) error { return tx.Commit(ctx) }),
		"pgx rollback": postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			_ = tx.Rollback(ctx)
			return nil
		}),
		"pgx batch": postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			b := &pgx.Batch{}
			b.Queue("INSERT INTO a VALUES (1)")
			b.Queue("COMMIT")
			return tx.SendBatch(ctx, b).Close()
		}),
		"pgx prepare": postgres.Func(func(ctx context.Context, tx pgx.Tx) error { _, err := tx.Prepare(ctx, "x", "COMMIT"); return err }),
		"behind": postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Conn().Exec(ctx, "ROLLBACK")
			return err
		}),
		"behind, and again": postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Conn().Exec(ctx, "ROLLBACK; BEGIN")
			return err
		}),
	} {
		var fs source.Functions
		fs.AddCallable(0, "f", f)
		_, err := d.functions(open(t, d.url), &fs, fastmigrate.Goal{})
		if name == "conn" {
			if err == nil || !strings.HasPrefix(err.Error(), "0 f: ") {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.Is(err, migration.ErrRefused) || !strings.HasPrefix(err.Error(), "0 f: ") || migration.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
		d.expect("SELECT count(*), to_regclass('migrations') FROM a", "0|<nil>")
	}
}

// What a function fails with comes out whole, and undoes what it did.
func TestFunctionFails(t *testing.T) {
	d := &db{t, testdb.Postgres(t)}
	own := errors.New("my own")
	for name, c := range map[string]struct {
		f    migration.Callable
		says string
		code string
		is   error
	}{
		"database":  {does("CREATE TABLE a (n int)", "SELECT nix"), `0 f: column "nix" does not exist (SQLSTATE 42703)`, "42703", nil},
		"pgx":       {pg("CREATE TABLE a (n int)", "SELECT nix"), `0 f: column "nix" does not exist (SQLSTATE 42703)`, "42703", nil},
		"own":       {migration.Func(func(context.Context, migration.Tx) error { return own }), "0 f: my own", "", own},
		"swallowed": {migration.Func(func(ctx context.Context, tx migration.Tx) error { _, _ = tx.ExecContext(ctx, "SELECT nix"); return nil }), "returned no error", "", nil},
		"panic": {migration.Func(func(ctx context.Context, tx migration.Tx) error {
			rows, err := tx.QueryContext(ctx, "SELECT generate_series(1, 100000)")
			if err == nil && rows.Next() {
				var none []int
				none[len(none)] = 1
			}
			return err
		}), "0 f: panic: runtime error: index out of range [0] with length 0", "", nil},
		"pgx panic": {postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			_, _ = tx.Query(ctx, "SELECT generate_series(1, 100000)")
			panic("oh")
		}), "0 f: panic: oh", "", nil},
		"outside": {does("VACUUM"), "0 f: VACUUM cannot run inside a transaction block", "25001", nil},
		"rows, unclosed, behind": {postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Conn().Query(ctx, "SELECT generate_series(1, 100000)")
			return err
		}), "left a query open", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var fs source.Functions
			fs.AddCallable(0, "f", c.f)
			report, err := d.functions(open(t, d.url), &fs, fastmigrate.Goal{})
			if err == nil || !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) || report.Failed == nil {
				t.Errorf("%v", err)
			}
			var server *pgconn.PgError
			if errors.As(err, &server); c.code != "" && (server == nil || server.Code != c.code) {
				t.Errorf("the server's error is not there: %v", err)
			}
			var placed *migration.Error
			if errors.As(err, &placed); strings.Contains(name, "panic") && !strings.Contains(placed.Output, "function_test.go") {
				t.Errorf("no stack: %+v", placed)
			}
			d.expect("SELECT to_regclass('a'), to_regclass('migrations')", "<nil>|<nil>")
		})
	}
}

// A function may use all that its driver has, and leave rows open.
func TestFunctionUses(t *testing.T) {
	d := &db{t, testdb.Postgres(t)}
	ctx := context.Background()
	var f source.Functions
	f.Add(0, "sql", func(ctx context.Context, tx migration.Tx) error {
		if _, err := tx.ExecContext(ctx, "CREATE TABLE v (i int, b bigint, f float8, t text, ok bool, raw bytea, at timestamptz, d date, n numeric, j jsonb, nul text, a int[], u uuid)"); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "INSERT INTO v VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '00000000-0000-0000-0000-000000000001')",
			1, int64(1)<<40, 1.5, "ü", true, []byte{0, 255}, time.Unix(0, 0), "2024-02-29", "12.50", `{"a": 1}`, nil, []int{1, 2})
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("%d rows, %w", n, err)
		}
		var i int
		var b int64
		var fl float64
		var text, n, j, a, u string
		var ok bool
		var raw []byte
		var at, day time.Time
		var nul sql.NullString
		if err := tx.QueryRowContext(ctx, "SELECT * FROM v WHERE i = $1", 1).Scan(&i, &b, &fl, &text, &ok, &raw, &at, &day, &n, &j, &nul, &a, &u); err != nil {
			return err
		}
		got := fmt.Sprintln(i, b, fl, text, ok, raw, at.Unix(), day.Format(time.DateOnly), n, j, nul.Valid, a, u)
		if want := `1 1099511627776 1.5 ü true [0 255] 0 2024-02-29 12.50 {"a": 1} false {1,2} 00000000-0000-0000-0000-000000000001`; got != want+"\n" {
			return fmt.Errorf("read %s", got)
		}
		if err := tx.QueryRowContext(ctx, "SELECT 1 WHERE false").Scan(&i); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		rows, err := tx.QueryContext(ctx, "SELECT generate_series(1, 100000)") // and forgets to close them
		if err == nil && !rows.Next() {
			err = rows.Err()
		}
		return err
	})
	f.AddCallable(1, "pgx", postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
		if n, err := tx.CopyFrom(ctx, pgx.Identifier{"v"}, []string{"i"}, pgx.CopyFromRows([][]any{{2}, {3}})); err != nil || n != 2 {
			return fmt.Errorf("%d, %w", n, err)
		}
		inner, err := tx.Begin(ctx)
		if err != nil {
			return err
		}
		if _, err := inner.Exec(ctx, "SELECT nix"); err == nil {
			return errors.New("no error")
		}
		if err := inner.Rollback(ctx); err != nil {
			return err
		}
		if inner, err = tx.Begin(ctx); err != nil {
			return err
		}
		if _, err := inner.Exec(ctx, "INSERT INTO v (i) VALUES (@i)", pgx.NamedArgs{"i": 4}); err != nil {
			return err
		}
		if err := inner.Commit(ctx); err != nil {
			return err
		}
		if _, err := tx.Prepare(ctx, "mine", "INSERT INTO v (i) VALUES ($1)"); err != nil {
			return err
		}
		b := &pgx.Batch{}
		b.Queue("mine", 5)
		b.Queue("mine", 6)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		objects := tx.LargeObjects()
		if _, err := objects.Create(ctx, 0); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM v").Scan(&n); err != nil || n != 6 {
			return fmt.Errorf("%d rows, %w", n, err)
		}
		if err := tx.QueryRow(ctx, "SELECT 1 WHERE false").Scan(&n); !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("no row: %w", err)
		}
		_, err = tx.Query(ctx, "SELECT generate_series(1, 100000)") // and forgets to close them
		return err
	}))
	if _, err := d.functions(open(t, d.url), &f, fastmigrate.Goal{}); err != nil {
		t.Fatal(err)
	}
	d.expect(functionRows, "0 sql, 1 pgx")
	d.expect("SELECT array_agg(i ORDER BY i) FROM v", fmt.Sprint(reflect.ValueOf([]int{1, 2, 3, 4, 5, 6})))
	cancelled, cancel := context.WithCancel(ctx)
	f.AddCallable(2, "slow", postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
		time.AfterFunc(100*time.Millisecond, cancel)
		_, err := tx.Exec(ctx, "SELECT pg_sleep(600)")
		return err
	}))
	m, err := fastmigrate.New(open(t, d.url), &f, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(cancelled); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "2 slow: ") {
		t.Error(err)
	}
	d.expect("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'", "0")
}

// What a function does to its connection is not met by the next one, nor by a
// script.
func TestFunctionLeavesNothing(t *testing.T) {
	d := managed(t)
	spoil := []string{
		"SET search_path = ''", "CREATE TEMP TABLE tmp (n int)", "SET ROLE pg_monitor", "SET app.who = 'x'", "LISTEN c",
		"PREPARE p AS SELECT 1", "SELECT pg_advisory_lock(7)", "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "SET work_mem = '1MB'",
	}
	look := func(table string) string {
		return "CREATE TABLE public." + table + ` AS SELECT current_setting('search_path') AS path, to_regclass('tmp')::text AS tmp, current_user::text AS who,
			current_setting('app.who', true) AS app, (SELECT count(*) FROM pg_listening_channels()) AS channels,
			(SELECT count(*) FROM pg_prepared_statements WHERE name = 'p') AS prepared, (SELECT count(*) FROM pg_cursors WHERE name = 'c') AS cursors,
			(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks, current_setting('work_mem') AS mem`
	}
	files := source.FS(files{"0003-c": look("c")}.folder()).With(
		source.Code{Version: 1, Name: "a", Up: does(spoil...)},
		source.Code{Version: 2, Name: "b", Up: does(look("b"))},
		source.Code{Version: 4, Name: "d", Up: pg(spoil...)},
		source.Code{Version: 5, Name: "e", Up: pg(look("e"))},
	)
	for _, atomic := range []bool{false, true} {
		m, err := fastmigrate.New(open(t, d.url), files, fastmigrate.Options{Atomic: atomic})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Up(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"b", "c", "e"} {
			d.expect("SELECT path, tmp, who, coalesce(app, ''), channels, prepared, cursors, locks, mem FROM "+table, `"$user", public|<nil>|postgres||0|0|0|0|4MB`)
		}
		d.expect("SELECT string_agg(name, ' ' ORDER BY id) FROM _fastmigrate_history", "0001-a.go 0002-b.go 0003-c.sql 0004-d.go 0005-e.go")
		d.exec("DROP TABLE b, c, e, _fastmigrate_history; UPDATE _meta SET version = 0")
	}
}

// A function for another database is refused before anything runs.
func TestFunctionOfAnother(t *testing.T) {
	d := &db{t, testdb.Postgres(t)}
	var f source.Functions
	f.Add(0, "a", does("CREATE TABLE a (n int)"))
	f.AddCallable(1, "b", foreign{})
	if _, err := d.functions(open(t, d.url), &f, fastmigrate.Goal{}); !errors.Is(err, migration.ErrUnsupported) {
		t.Error(err)
	}
	d.expect("SELECT to_regclass('a')", "<nil>")
}

type foreign struct{}

func (foreign) Database() string { return "oracle" }
