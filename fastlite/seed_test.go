package fastlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/fastlite"
	"github.com/fastmigrate/fastmigrate/migration"
)

// does returns a function that runs statements one after the other.
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

func open(t *testing.T, path string) *fastlite.DB {
	t.Helper()
	db, err := fastlite.Database(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// tables returns the names of all tables, in order.
func tables(t *testing.T, db *fastlite.DB) string {
	t.Helper()
	rows, err := db.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// applied returns what is applied, without the times, which are looked at.
func applied(t *testing.T, db *fastlite.DB) []fastmigrate.Record {
	t.Helper()
	records, err := db.Applied(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if since := time.Since(records[i].InsertedAt); since < -time.Minute || since > time.Hour {
			t.Errorf("inserted at %v", records[i].InsertedAt)
		}
		records[i].InsertedAt = time.Time{}
	}
	return records
}

func want(t *testing.T, got []fastmigrate.Record, names ...string) {
	t.Helper()
	var expected []fastmigrate.Record
	for i, name := range names {
		expected = append(expected, fastmigrate.Record{ID: i, Name: name})
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Error(diff)
	}
}

// A new database has one table, and it is the one that the Python tool makes.
func TestOneTable(t *testing.T) {
	for _, path := range []string{":memory:", filepath.Join(t.TempDir(), "app.db")} {
		db := open(t, path)
		if got := tables(t, db); got != "migrations" {
			t.Errorf("tables: %s", got)
		}
		var text string
		if err := db.QueryRow("SELECT sql FROM sqlite_schema WHERE name = 'migrations'").Scan(&text); err != nil {
			t.Fatal(err)
		}
		if text != "CREATE TABLE migrations (id INTEGER PRIMARY KEY, name TEXT, inserted_at TEXT DEFAULT CURRENT_TIMESTAMP NOT NULL) STRICT" {
			t.Error(text)
		}
	}
}

// The numbers are a sequence, which is looked at before anything runs.
func TestGap(t *testing.T) {
	db := open(t, ":memory:")
	ran := false
	note := func(context.Context, migration.Tx) error { ran = true; return nil }
	db.Add(0, "init_db", note)
	db.Add(1, "do_something", note)
	db.Add(10, "do_something", note)
	_, err := db.Migrate(t.Context())
	if !errors.Is(err, migration.ErrNotGapless) || ran {
		t.Errorf("err %v, ran %v", err, ran)
	}
}

// A migration that fails in the middle leaves nothing, and the next does not run.
func TestFailsInTheMiddle(t *testing.T) {
	db := open(t, ":memory:")
	db.Add(0, "init_db", does(
		"CREATE TABLE cats (id INTEGER PRIMARY KEY AUTOINCREMENT)",
		"INSERT INTO cats (id) VALUES (1), (2)",
		"CREATE TABLE bats (id TEXT PRIMARY KEY AUTOINCREMENT)",
	))
	db.Add(1, "wont_run", func(context.Context, migration.Tx) error { t.Error("it ran"); return nil })
	report, err := db.Migrate(t.Context())
	if err == nil || !strings.Contains(err.Error(), "0 init_db: AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY") {
		t.Errorf("err %v", err)
	}
	if report.Failed == nil || report.Failed.File() != "0 init_db" || len(report.Skipped) != 1 {
		t.Errorf("report %+v", report)
	}
	if got := tables(t, db); got != "migrations" {
		t.Errorf("tables: %s", got)
	}
	want(t, applied(t, db))
}

// A rollback that fails changes nothing.
func TestRollbackFails(t *testing.T) {
	db := open(t, ":memory:")
	db.Add(0, "init_db", does("CREATE TABLE cats (id INTEGER PRIMARY KEY AUTOINCREMENT)"))
	db.Add(1, "will_run", does())
	db.AddRollback(1, "will_not_run", does("DROP TABLE cats", "DROP TABLE mats"))
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Rollback(t.Context()); err == nil || !strings.Contains(err.Error(), "1 will_not_run: no such table: mats") {
		t.Errorf("err %v", err)
	}
	if got := tables(t, db); got != "cats migrations" {
		t.Errorf("tables: %s", got)
	}
	want(t, applied(t, db), "init_db", "will_run")
}

// Migrations are applied in order, once; a rollback may be registered after its
// migration was applied, and takes the last one back.
func TestMigrateAndRollBack(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "app.db"))
	if _, err := db.LastApplied(t.Context()); !errors.Is(err, migration.ErrNoneApplied) {
		t.Errorf("on an empty table: %v", err)
	}
	if _, err := db.Rollback(t.Context()); !errors.Is(err, migration.ErrNoneApplied) {
		t.Errorf("rolling nothing back: %v", err)
	}
	db.Add(0, "init_db", does("CREATE TABLE cats (name PRIMARY KEY)"))
	db.Add(1, "add_dogs", does("CREATE TABLE dogs (name PRIMARY KEY)"))
	report, err := db.Migrate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ran []string
	for _, done := range report.Applied {
		ran = append(ran, done.Step.File())
	}
	if !slices.Equal(ran, []string{"0 init_db", "1 add_dogs"}) {
		t.Errorf("ran %q", ran)
	}
	if report, err := db.Migrate(t.Context()); err != nil || len(report.Applied) != 0 {
		t.Errorf("again: %+v, %v", report, err)
	}
	_, err = db.Rollback(t.Context())
	if !errors.Is(err, migration.ErrNoRollback) || !strings.Contains(err.Error(), "id 1, name add_dogs") {
		t.Errorf("without a rollback: %v", err)
	}
	want(t, applied(t, db), "init_db", "add_dogs")
	db.AddRollback(1, "remove_dogs", does("DROP TABLE dogs"))
	if last, err := db.LastApplied(t.Context()); err != nil || last.ID != 1 || last.Name != "add_dogs" {
		t.Errorf("last %+v, %v", last, err)
	}
	if report, err := db.Rollback(t.Context()); err != nil || report.Applied[0].Step.File() != "1 remove_dogs" {
		t.Errorf("rollback: %+v, %v", report, err)
	}
	want(t, applied(t, db), "init_db")
	if got := tables(t, db); got != "cats migrations" {
		t.Errorf("tables: %s", got)
	}
}
