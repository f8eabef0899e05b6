package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

// does returns a function that runs statements one after the other.
func does(statements ...string) migration.Func {
	return func(ctx context.Context, tx migration.Tx) error {
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	}
}

// thenFails returns a function that fails at its end.
func thenFails(f migration.Func) migration.Func {
	return func(ctx context.Context, tx migration.Tx) error {
		return errors.Join(f(ctx, tx), errors.New("no luck"))
	}
}

func functions(t testing.TB, url string, f *source.Functions) *fastmigrate.Functions {
	t.Helper()
	m, err := fastmigrate.NewFunctions(open(t, url), f, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const functionRows = "SELECT id, name, abs(timestampdiff(SECOND, inserted_at, UTC_TIMESTAMP())) < 60 FROM migrations ORDER BY id"

// The calls of fastlite-migrations do on this server what they do on SQLite.
func TestFunctions(t *testing.T) {
	url := testdb.MySQL(t)
	f := new(source.Functions).
		Add(0, "cats", does("CREATE TABLE cats (name VARCHAR(20))", "INSERT INTO cats VALUES ('tom')")).
		Add(1, "more", does("INSERT INTO cats VALUES ('kit')", "UPDATE cats SET name = upper(name)"))
	m := functions(t, url, f)
	if _, err := m.LastApplied(t.Context()); !errors.Is(err, migration.ErrNoneApplied) {
		t.Errorf("of an empty database: %v", err)
	}
	if _, err := m.Rollback(t.Context()); !errors.Is(err, migration.ErrNoneApplied) {
		t.Errorf("rollback of nothing: %v", err)
	}
	expect(t, url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()", "0")
	for range 2 { // the second time there is nothing to do
		if _, err := m.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, url, functionRows, "0|cats|1 1|more|1")
	expect(t, url, "SELECT name FROM cats ORDER BY name", "KIT TOM")
	if last, err := m.LastApplied(t.Context()); err != nil || last.ID != 1 || last.Name != "more" || time.Since(last.InsertedAt).Abs() > time.Minute {
		t.Errorf("%+v, %v", last, err)
	}

	_, err := m.Rollback(t.Context())
	if !errors.Is(err, migration.ErrNoRollback) {
		t.Errorf("without a rollback: %v", err)
	}
	f.AddRollback(1, "less", does("DELETE FROM cats WHERE name = 'KIT'")).AddRollback(0, "none", does("DROP TABLE cats"))
	if _, err := m.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, url, functionRows, "0|cats|1")
	expect(t, url, "SELECT name FROM cats", "TOM")
	if _, err := m.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.RollbackTo(t.Context(), -1); err != nil {
		t.Fatal(err)
	}
	expect(t, url, functionRows, "")
	expect(t, url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'cats'", "0")
	expect(t, url, "SELECT state, count(*) FROM _fastmigrate_history GROUP BY state", "applied|2") // those with definitions: 0 up and down
}

// A function that changes rows only is kept whole with its record, or not at
// all, however it ends.
func TestFunctionIsWhole(t *testing.T) {
	for name, f := range map[string]migration.Func{
		"error": thenFails(does("INSERT INTO a VALUES (1)")),
		"panic": func(ctx context.Context, tx migration.Tx) error {
			_ = does("INSERT INTO a VALUES (1)")(ctx, tx)
			panic("oh")
		},
		"refused commit": does("INSERT INTO a VALUES (1)", "COMMIT", "INSERT INTO a VALUES (2)"),
		"swallowed": func(ctx context.Context, tx migration.Tx) error {
			_ = does("INSERT INTO a VALUES (1)", "rollback")(ctx, tx)
			return nil
		},
		"lock":                 does("INSERT INTO a VALUES (1)", "LOCK TABLES a WRITE"),
		"autocommit":           does("INSERT INTO a VALUES (1)", "SET autocommit = 1"),
		"ours":                 does("INSERT INTO a VALUES (1)", "DROP TABLE migrations"),
		"definition no syntax": does("INSERT INTO a VALUES (1)", "CREATE TABLE b (("),
		"query": func(ctx context.Context, tx migration.Tx) error {
			_ = does("INSERT INTO a VALUES (1)")(ctx, tx)
			return tx.QueryRowContext(ctx, "/* x */ begin").Scan(new(int))
		},
		"cancelled": func(ctx context.Context, tx migration.Tx) error {
			ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
			defer cancel()
			return does("INSERT INTO a VALUES (1)", "DO SLEEP(60)")(ctx, tx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			url := testdb.MySQL(t)
			do(t, url, "CREATE TABLE a (n INT)")
			report, err := functions(t, url, new(source.Functions).Add(0, "bad", f)).Migrate(t.Context())
			if err == nil || len(report.Applied) != 0 || !strings.HasPrefix(err.Error(), "0 bad: ") {
				t.Fatalf("%+v, %v", report, err)
			}
			if name == "panic" && !strings.Contains(errorOutput(err), "function_test.go") {
				t.Errorf("no stack: %q", errorOutput(err))
			}
			expect(t, url, "SELECT n FROM a", "")
			expect(t, url, "SELECT id FROM migrations", "")
			expect(t, url, "SELECT id FROM _fastmigrate_history", "")
			expect(t, url, "SELECT owner FROM _fastmigrate_lock", "")
			if _, err := functions(t, url, new(source.Functions).Add(0, "good", does("INSERT INTO a VALUES (7)"))).Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			expect(t, url, "SELECT n FROM a", "7")
		})
	}
}

func errorOutput(err error) string {
	var e *migration.Error
	if errors.As(err, &e) {
		return e.Output
	}
	return ""
}

// A function that fails behind a statement which the server commits by itself
// is not called again unless a person says so.
func TestFunctionBegun(t *testing.T) {
	start := func(t *testing.T, f migration.Func) (string, *fastmigrate.Functions, *source.Functions) {
		url := testdb.MySQL(t)
		do(t, url, "CREATE TABLE a (n INT)")
		all := new(source.Functions).Add(0, "x", f)
		m := functions(t, url, all)
		_, err := m.Migrate(t.Context())
		mention(t, err, "0 x", "no luck", "up --retry 0", "mark 0")
		_, err = m.Migrate(t.Context())
		if !errors.Is(err, migration.ErrUnfinished) {
			t.Fatalf("the next run: %v", err)
		}
		mention(t, err, "up --retry 0", "mark 0")
		expect(t, url, "SELECT state, error LIKE '%no luck%' FROM _fastmigrate_history", "begun|1")
		expect(t, url, "SELECT id FROM migrations", "")
		return url, m, all
	}
	bad := thenFails(does("INSERT INTO a VALUES (1)", "CREATE TABLE b (n INT)", "INSERT INTO b VALUES (1)"))
	zero := migration.Version(0)
	t.Run("retry", func(t *testing.T) {
		url, m, all := start(t, bad)
		expect(t, url, "SELECT n FROM a", "1") // the server has committed it
		expect(t, url, "SELECT n FROM b", "")
		all.Add(0, "x", does("INSERT INTO b VALUES (2)"))
		if _, err := m.Run(t.Context(), plan.Goal{Retry: &zero}); err != nil {
			t.Fatal(err)
		}
		expect(t, url, "SELECT n FROM b", "2")
		expect(t, url, "SELECT state, error FROM _fastmigrate_history", "applied|")
		expect(t, url, functionRows, "0|x|1")
	})
	t.Run("mark", func(t *testing.T) {
		url, m, _ := start(t, bad)
		if err := m.Mark(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if report, err := m.Migrate(t.Context()); err != nil || len(report.Applied) != 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		expect(t, url, "SELECT id FROM migrations", "0")
		do(t, url, "DELETE FROM migrations") // back where it was begun, and that is settled
		if _, err := m.Plan(t.Context(), plan.Goal{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("without transactions", func(t *testing.T) {
		start(t, thenFails(func(ctx context.Context, tx migration.Tx) error {
			return does("CREATE TABLE m (n INT) ENGINE=MyISAM", "INSERT INTO m VALUES (1)")(ctx, tx)
		}))
	})
}

// A definition that fails first thing has done nothing, and nothing is asked.
func TestFunctionFirstDefinitionFails(t *testing.T) {
	url := testdb.MySQL(t)
	do(t, url, "CREATE TABLE a (n INT)")
	f := new(source.Functions).Add(0, "x", does("CREATE TABLE a (n INT)", "INSERT INTO a VALUES (1)"))
	m := functions(t, url, f)
	_, err := m.Migrate(t.Context())
	mention(t, err, "already exists")
	expect(t, url, "SELECT count(*) FROM _fastmigrate_history", "0")
	f.Add(0, "x", does("CREATE TABLE b (n INT)", "INSERT INTO b VALUES (1)"))
	if _, err := m.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, url, functionRows, "0|x|1")
}

// Another tool that applies the same function meanwhile stops the run, and
// nothing of it is kept.
func TestFunctionMoved(t *testing.T) {
	url := testdb.MySQL(t)
	do(t, url, "CREATE TABLE a (n INT)")
	m := functions(t, url, new(source.Functions).Add(0, "x", func(ctx context.Context, tx migration.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM a").Scan(new(int)); err != nil {
			return err
		}
		do(t, url, "INSERT INTO migrations (id, name) VALUES (0, 'theirs')")
		return does("INSERT INTO a VALUES (1)")(ctx, tx)
	}))
	_, err := m.Migrate(t.Context())
	if !errors.Is(err, migration.ErrMoved) {
		t.Error(err)
	}
	expect(t, url, "SELECT count(*) FROM a", "0")
	expect(t, url, functionRows, "0|theirs|1")
}

// Whatever packet of a run is the last that the server gets, or answers to, a
// function of rows only is applied once, and one with definitions once or asked.
func TestFunctionCut(t *testing.T) {
	server := testdb.MySQLServer(t)
	for name, f := range map[string]migration.Func{
		"rows":        does("INSERT INTO a VALUES (1)", "INSERT INTO a SELECT n + 1 FROM a"),
		"definitions": does("CREATE TABLE IF NOT EXISTS b (n INT)", "INSERT INTO a VALUES (1)", "INSERT INTO a SELECT n + 1 FROM a"),
	} {
		all := new(source.Functions).Add(0, name, f)
		for _, after := range []bool{false, true} {
			for n, over := 1, false; !over && !t.Failed(); n += 4 {
				at := server.NewDatabase(t)
				o := testdb.ProxyOptions{CutBefore: n}
				if after {
					o = testdb.ProxyOptions{CutAfter: n}
				}
				t.Run(fmt.Sprintf("%s,%d,%t", name, n, after), func(t *testing.T) { over = cutFunction(t, at, name, all, o) })
			}
		}
	}
}

// cutFunction cuts a run off, lets another follow, and says whether the first
// came to its end before it was to be cut.
func cutFunction(t *testing.T, at, name string, all *source.Functions, o testdb.ProxyOptions) bool {
	do(t, at, "CREATE TABLE a (n INT)")
	u, proxy := proxied(t, at, o)
	_, err := functions(t, u.String(), all).Migrate(context.Background())
	quiet(t, at)
	m := functions(t, at, all)
	_, again := m.Migrate(t.Context())
	if errors.Is(again, migration.ErrUnfinished) && name == "definitions" {
		zero := migration.Version(0)
		do(t, at, "DELETE FROM a") // what a person finds out and mends
		_, again = m.Run(t.Context(), plan.Goal{Retry: &zero})
	}
	if again != nil {
		t.Errorf("%v; the run before: %v", again, err)
	}
	expect(t, at, "SELECT n FROM a ORDER BY n", "1 2")
	expect(t, at, functionRows, "0|"+name+"|1")
	return err == nil && !proxy.Cut()
}

// A function among numbered files is one of them.
func TestFunctionAmongFiles(t *testing.T) {
	url := managed(t)
	src := files{"0001-a.sql": "CREATE TABLE a (n INT);", "0003-c.sql": "INSERT INTO a VALUES (3);"}.source().With(
		source.Code{Version: 2, Name: "b", Up: does("INSERT INTO a VALUES (2)"), Down: does("DELETE FROM a")})
	m, err := fastmigrate.New(open(t, url), src, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, url, "SELECT n FROM a ORDER BY n", "2 3")
	expect(t, url, "SELECT name, state FROM _fastmigrate_history ORDER BY id", "0001-a.sql|applied 0002-b.go|applied 0003-c.sql|applied")
	at(t, url, 3)
}
