package fastlite_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fastmigrate/fastmigrate/fastlite"
	"github.com/fastmigrate/fastmigrate/migration"
)

// python is what the Python tool fastlite-migrations does to a database: the
// statements that it sends, by Python's own SQLite.
const python = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, name TEXT, inserted_at TEXT DEFAULT CURRENT_TIMESTAMP NOT NULL) STRICT")
applied = {row[0] for row in db.execute("SELECT id FROM migrations")}
for id in range(int(sys.argv[2]) + 1):
    if id in applied: continue
    print(id, "python_%d" % id)
    db.execute("BEGIN")
    db.execute("CREATE TABLE t%d (n)" % id)
    db.execute("INSERT INTO migrations (id, name) VALUES (?, ?)", (id, "python_%d" % id))
    db.execute("COMMIT")
`

func runPython(t *testing.T, path, upTo string) string {
	t.Helper()
	out, err := exec.Command("python3", "-c", python, path, upTo).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// What Python migrated to 2 is gone on with by Go at 3, and by Python at 4.
func TestTakeOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	if got := runPython(t, path, "2"); got != "0 python_0\n1 python_1\n2 python_2\n" {
		t.Fatalf("Python ran %q", got)
	}
	db := open(t, path)
	for id, name := range []string{"python_0", "python_1", "python_2"} {
		db.Add(id, name, does("CREATE TABLE never (n)"))
	}
	db.Add(3, "go_3", does("CREATE TABLE t3 (n)"))
	if report, err := db.Migrate(t.Context()); err != nil || len(report.Applied) != 1 || report.Applied[0].Step.File() != "3 go_3" {
		t.Fatalf("%+v, %v", report, err)
	}
	if got := runPython(t, path, "4"); got != "4 python_4\n" {
		t.Errorf("Python went on with %q", got)
	}
	want(t, applied(t, db), "python_0", "python_1", "python_2", "go_3", "python_4")
	if got := tables(t, db); got != "migrations t0 t1 t2 t3 t4" {
		t.Errorf("tables: %s", got)
	}
	// What only Python knows of is told.
	report, err := db.Migrate(t.Context())
	if err != nil || len(report.Findings) != 1 || report.Findings[0].Code != migration.CodeNewer {
		t.Errorf("%+v, %v", report.Findings, err)
	}
}

// The database has a write-ahead log unless it is told otherwise.
func TestJournalMode(t *testing.T) {
	for mode, o := range map[string]fastlite.Options{"wal": {}, "delete": {NoWAL: true}} {
		db, err := fastlite.DatabaseWith(filepath.Join(t.TempDir(), "app.db"), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, db, "PRAGMA journal_mode"); got != mode {
			t.Errorf("journal mode %s, want %s", got, mode)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := db.Ping(); err == nil {
			t.Error("the handle is open after Close")
		}
	}
}

// A file that is no database is left alone.
func TestNotADatabase(t *testing.T) {
	dir := t.TempDir()
	if db, err := fastlite.Database(dir); err == nil {
		db.Close()
		t.Error("a folder was opened")
	}
	path := filepath.Join(dir, "sub", "app.db")
	db, err := fastlite.Database(path) // the folder is made
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
}
