package sqlite_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

func migrateFunctions(t *testing.T, path string, f *source.Functions, goal fastmigrate.Goal) (*fastmigrate.Report, error) {
	t.Helper()
	b := sqlitefile.Open(path)
	defer b.Close()
	m, err := fastmigrate.New(b, f, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m.Run(t.Context(), goal)
}

const functionRows = "SELECT id || ' ' || name FROM migrations ORDER BY id"

// A function and its row are one transaction, which the function can't end.
func TestFunctionCannotCommit(t *testing.T) {
	for _, query := range []string{"COMMIT", "/* x */ end transaction", "ROLLBACK", "BEGIN", "INSERT INTO a VALUES (2); commit; INSERT INTO a VALUES (3)"} {
		for name, send := range map[string]func(context.Context, migration.Tx) error{
			"exec": func(ctx context.Context, tx migration.Tx) error { _, err := tx.ExecContext(ctx, query); return err },
			"query": func(ctx context.Context, tx migration.Tx) error {
				rows, err := tx.QueryContext(ctx, query)
				if err == nil {
					err = rows.Close()
				}
				return err
			},
			"row":       func(ctx context.Context, tx migration.Tx) error { return tx.QueryRowContext(ctx, query).Err() },
			"swallowed": func(ctx context.Context, tx migration.Tx) error { _, _ = tx.ExecContext(ctx, query); return nil },
		} {
			path := newFile(t)
			var f source.Functions
			f.Add(0, "a", runs("CREATE TABLE a (n)"))
			f.Add(1, "b", func(ctx context.Context, tx migration.Tx) error {
				if err := runs("INSERT INTO a VALUES (1)")(ctx, tx); err != nil {
					return err
				}
				return send(ctx, tx)
			})
			_, err := migrateFunctions(t, path, &f, fastmigrate.Goal{})
			if !errors.Is(err, migration.ErrRefused) || !strings.HasPrefix(err.Error(), "1 b: ") {
				t.Errorf("%s by %s: %v", query, name, err)
			}
			if got := ask(t, path, "SELECT count(*) FROM a") + ", " + ask(t, path, functionRows); got != "0, 0 a" {
				t.Errorf("%s by %s left %s", query, name, got)
			}
		}
	}
}

// A panic undoes what the function did, and comes out with its stack.
func TestFunctionPanics(t *testing.T) {
	path := newFile(t)
	var f source.Functions
	f.Add(0, "a", func(ctx context.Context, tx migration.Tx) error {
		if err := runs("CREATE TABLE a (n)")(ctx, tx); err != nil {
			return err
		}
		none := strings.Fields("")
		return errors.New(none[len(none)])
	})
	report, err := migrateFunctions(t, path, &f, fastmigrate.Goal{})
	var placed *migration.Error
	if !errors.As(err, &placed) || placed.Error() != "0 a: panic: runtime error: index out of range [0] with length 0" || !strings.Contains(placed.Output, "function_test.go") {
		t.Errorf("%v, output %+v", err, placed)
	}
	if report.Failed == nil || ask(t, path, "SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'migrations')") != "0" {
		t.Errorf("left behind: %+v, %s", report, ask(t, path, "SELECT name FROM sqlite_schema"))
	}
}

// What a function does to its connection is not met by the next one.
func TestFunctionLeavesNothingOnItsConnection(t *testing.T) {
	path := newFile(t)
	var f source.Functions
	f.Add(0, "a", runs("CREATE TEMP TABLE a (n)", "PRAGMA recursive_triggers = ON"))
	f.Add(1, "b", func(ctx context.Context, tx migration.Tx) error {
		var n int
		err := tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM temp.sqlite_schema) + (SELECT recursive_triggers FROM pragma_recursive_triggers)").Scan(&n)
		if err == nil && n != 0 {
			err = errors.New("it met something")
		}
		return err
	})
	if _, err := migrateFunctions(t, path, &f, fastmigrate.Goal{}); err != nil {
		t.Error(err)
	}
}

// Another program that applies the same function meanwhile is found out.
func TestFunctionIsTaken(t *testing.T) {
	path := newFile(t)
	var f source.Functions
	f.Add(0, "a", runs("CREATE TABLE a (n)"))
	f.Add(1, "b", runs("INSERT INTO a VALUES (1)"))
	f.Add(2, "c", runs())
	if _, err := migrateFunctions(t, path, &f, plan.UpTo(0)); err != nil {
		t.Fatal(err)
	}
	db := openRaw(t, path)
	if _, err := db.Exec("INSERT INTO migrations (id, name) VALUES (2, 'c')"); err != nil {
		t.Fatal(err)
	}
	b := sqlitefile.Open(path)
	defer b.Close()
	m, err := fastmigrate.New(b, &f, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Plan(t.Context(), fastmigrate.Goal{}) // of 1, the hole
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO migrations (id, name) VALUES (1, 'b')"); err != nil {
		t.Fatal(err)
	}
	_, err = m.Execute(t.Context(), p)
	wantError(t, err, migration.ErrMoved, "function 1 was applied")
	if got := ask(t, path, "SELECT count(*) FROM a"); got != "0" {
		t.Errorf("rows: %s", got)
	}
}

// Functions stand among numbered files: one version, one history.
func TestCodeAmongFiles(t *testing.T) {
	path := newFile(t)
	f := files{"0001-a.sql": "CREATE TABLE a (n)", "0003-c.sql": "INSERT INTO a VALUES (3)", "rollback/0003-c.sql": "DELETE FROM a WHERE n = 3"}
	s := f.source().With(source.Code{Version: 2, Name: "b", Up: migration.Func(runs("INSERT INTO a VALUES (2)")), Down: migration.Func(runs("DELETE FROM a WHERE n = 2"))})
	b := sqlitefile.Open(path)
	defer b.Close()
	m, err := fastmigrate.New(b, s, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, path, "SELECT n FROM a") + ", " + ask(t, path, "SELECT version FROM _meta") + ", " + ask(t, path, "SELECT name FROM _fastmigrate_history"); got != "2 3, 3, 0001-a.sql 0002-b.go 0003-c.sql" {
		t.Error(got)
	}
	if findings, err := m.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("verify: %v, %v", findings, err)
	}
	if _, err := m.To(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, path, "SELECT count(*) FROM a") + ask(t, path, "SELECT version FROM _meta"); got != "01" {
		t.Error(got)
	}
	if _, err := m.To(t.Context(), "3"); err != nil {
		t.Fatal(err)
	}
	if report, err := m.To(t.Context(), "3"); err != nil || len(report.Applied) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// The history table is written for functions only when it is asked for.
func TestFunctionHistory(t *testing.T) {
	path := newFile(t)
	b := sqlitefile.Open(path)
	defer b.Close()
	m, err := fastmigrate.New(b, new(source.Functions).Add(0, "a", runs("CREATE TABLE a (n)")), fastmigrate.Options{History: true, Tool: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, path, "SELECT kind, from_state, to_state, name, direction, state, tool FROM _fastmigrate_history"); got != "functions|none|0|0 a|up|applied|test" {
		t.Error(got)
	}
}
