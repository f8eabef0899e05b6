package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// inTransaction begins a transaction of the caller's on a new managed database,
// with a row in it that is the caller's own.
func inTransaction(t *testing.T) (*sql.Tx, string) {
	t.Helper()
	path := newFile(t)
	tx, err := openRaw(t, path).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	for _, statement := range []string{"CREATE TABLE callers (n)", "INSERT INTO callers VALUES (1)"} {
		if _, err := tx.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return tx, path
}

// All three doors work inside a transaction of the caller's, who alone ends it.
func TestEnclosed(t *testing.T) {
	doors := map[string]struct {
		source source.Source
		state  string
	}{
		"files": {files{"0001-a.sql": "CREATE TABLE a (n); PRAGMA recursive_triggers = ON;", "0002-b.sql": "INSERT INTO a VALUES (2)"}.source(), "SELECT version FROM _meta"},
		"functions": {new(source.Functions).Add(0, "a", runs("CREATE TABLE a (n)")).Add(1, "b", runs("INSERT INTO a VALUES (2)")),
			"SELECT count(*) FROM migrations"},
		"revisions": {source.Revisions(files{"20240101_initial_up_a.sql": "CREATE TABLE a (n)", "20240101_a_up_b.sql": "INSERT INTO a VALUES (2)"}.fsys()),
			"SELECT count(*) FROM migrations"},
	}
	for name, door := range doors {
		t.Run(name, func(t *testing.T) {
			tx, path := inTransaction(t)
			m, err := fastmigrate.New(sqlite.NewTx(tx, sqlite.Options{}), door.source, fastmigrate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			report, err := m.Up(t.Context())
			if err != nil || len(report.Applied) != 2 {
				t.Fatalf("%+v, %v", report, err)
			}
			if got := askOn(t, tx, "SELECT n FROM a"); got != "2" {
				t.Errorf("in the transaction: %s", got)
			}
			if got := askOn(t, tx, "PRAGMA recursive_triggers"); got != "0" {
				t.Errorf("a setting was left changed: %s", got)
			}
			if got := ask(t, path, "SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'callers')"); got != "0" {
				t.Errorf("others see it before the caller commits: %s", got)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			if got := ask(t, path, door.state) + " " + ask(t, path, "SELECT n FROM callers"); got != "2 1" {
				t.Errorf("state and the caller's row: %s", got)
			}
			nothingBeside(t, path)
		})
	}
}

// A run that fails leaves the caller's transaction as it was, to be gone on with.
func TestEnclosedFails(t *testing.T) {
	for name, last := range map[string]string{
		"a wrong statement":  "INSERT INTO nowhere VALUES (1)",
		"its own COMMIT":     "BEGIN; INSERT INTO a VALUES (2); COMMIT;",
		"outside of any":     "VACUUM",
		"no-transaction":     "-- fastmigrate: no-transaction\nINSERT INTO a VALUES (2)",
		"stray ROLLBACK":     "ROLLBACK",
		"a program, in .sh ": "exit 0",
	} {
		t.Run(name, func(t *testing.T) {
			tx, path := inTransaction(t)
			f := files{"0001-a.sql": "CREATE TABLE a (n)", "0002-b.sql": last}
			if strings.Contains(name, ".sh") {
				f = files{"0001-a.sql": "CREATE TABLE a (n)", "0002-b.sh": last}
			}
			report, err := upOn(t.Context(), t, sqlite.NewTx(tx, sqlite.Options{}), f, fastmigrate.Options{})
			if err == nil || len(report.Applied) != 0 {
				t.Fatalf("%+v, %v", report, err)
			}
			wantError(t, err, nil, "0002-b.s")
			if _, err := tx.Exec("RELEASE _fastmigrate_run"); err == nil {
				t.Error("a savepoint of ours was left open")
			}
			if _, err := tx.Exec("INSERT INTO callers VALUES (2)"); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			if got := ask(t, path, "SELECT n FROM callers") + ", " + ask(t, path, "SELECT version FROM _meta") + ", " + ask(t, path, "SELECT count(*) FROM sqlite_schema WHERE name = 'a'"); got != "1 2, 0, 0" {
				t.Errorf("after it: %s", got)
			}
		})
	}
}

// With foreign keys on, a rebuild would take rows of other tables along.
func TestEnclosedForeignKeys(t *testing.T) {
	conn, err := openRaw(t, newFile(t)).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "PRAGMA foreign_keys = ON"); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	_, err = upOn(t.Context(), t, sqlite.NewTx(tx, sqlite.Options{}), files{"0001-a.sql": "SELECT 1"}, fastmigrate.Options{})
	if !errors.Is(err, migration.ErrUnsupported) || migration.HintOf(err) == "" {
		t.Error(err)
	}
}

// What a transaction can't do is refused, and nothing hangs.
func TestEnclosedCannot(t *testing.T) {
	tx, path := inTransaction(t)
	b := sqlite.NewTx(tx, sqlite.Options{})
	if err := fastmigrate.Backup(t.Context(), b, filepath.Join(t.TempDir(), "copy.db")); !errors.Is(err, migration.ErrUnsupported) {
		t.Errorf("backup: %v", err)
	}
	if db, err := b.DB(); db != nil || err != nil {
		t.Errorf("DB: %v, %v", db, err)
	}
	if err := b.Create(t.Context()); !errors.Is(err, migration.ErrManaged) {
		t.Errorf("create: %v", err)
	}
	if at, err := trek.Current(t.Context(), b); err != nil || at != migration.Initial {
		t.Errorf("current: %v, %v", at, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, path, "SELECT name FROM sqlite_schema"); got != "_meta" {
		t.Errorf("after the caller's rollback: %s", got)
	}
}

// runs returns a function that runs statements.
func runs(statements ...string) migration.Func {
	return func(ctx context.Context, tx migration.Tx) error {
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}
