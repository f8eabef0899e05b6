package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "some", "folders", "app.db")
	create(t, path)
	version(t, path, 0)
	check(t, path, "SELECT sql FROM sqlite_schema",
		"CREATE TABLE _meta (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL DEFAULT 0)")
	nothingBeside(t, path)

	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := sqlitefile.Open(path)
	defer b.Close()
	wantError(t, b.Create(t.Context()), migration.ErrManaged, "at version 0", path)
	if v, err := fastmigrate.CreateDB(t.Context(), b); err != nil || v != 0 {
		t.Errorf("CreateDB: %d, %v", v, err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("an existing database was written to")
	}
	nothingBeside(t, path)
}

// Whatever is there already is left as it is.
func TestCreateTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"empty": "", "text": strings.Repeat("some text ", 200)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		b := sqlitefile.Open(path)
		wantError(t, b.Create(t.Context()), nil, path)
		b.Close()
		if after, err := os.ReadFile(path); err != nil || string(after) != text {
			t.Errorf("%s was changed", name)
		}
	}
	other := filepath.Join(dir, "other")
	do(t, other, "CREATE TABLE mine (x)")
	b := sqlitefile.Open(other)
	defer b.Close()
	wantError(t, b.Create(t.Context()), migration.ErrNotManaged)
	wantError(t, sqlitefile.Open(dir).Create(t.Context()), migration.ErrNotDatabase, "is a folder")
	wantError(t, sqlitefile.Open(filepath.Join(dir, "text", "x", "y")).Create(t.Context()), nil, "text")
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "dangling")); err != nil {
		t.Fatal(err)
	}
	wantError(t, sqlitefile.Open(filepath.Join(dir, "dangling")).Create(t.Context()), nil, "dangling")
	entries, _ := os.ReadDir(dir)
	if len(entries) != 4 {
		t.Errorf("left behind: %v", entries)
	}
}

// What a run that was killed left is cleared away.
func TestCreateAfterKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	for _, name := range []string{".fastmigrate-new", ".fastmigrate-new-journal", lockSuffix} {
		if err := os.WriteFile(path+name, []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	create(t, path)
	version(t, path, 0)
	nothingBeside(t, path)
}

func TestCreateOverHandle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	db := openRaw(t, path)
	if _, err := db.Exec("CREATE TABLE mine (x)"); err != nil {
		t.Fatal(err)
	}
	b := sqlite.New(db, sqlite.Options{HistoryTable: `odd "name"`})
	if v, err := fastmigrate.CreateDB(t.Context(), b); err != nil || v != 0 {
		t.Fatalf("%d, %v", v, err)
	}
	wantError(t, b.Create(t.Context()), migration.ErrManaged)
	if err := fastmigrate.RunMigrations(t.Context(), b, five(mended).source()); err != nil {
		t.Fatal(err)
	}
	check(t, path, `SELECT count(*) FROM "odd ""name"""`, "5")
	if entries, err := b.History(t.Context()); err != nil || len(entries) != 5 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	check(t, path, "SELECT count(*) FROM sqlite_schema WHERE name = '_fastmigrate_history'", "0")
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := db.Ping(); err != nil {
		t.Errorf("the caller's handle was closed: %v", err)
	}
}
