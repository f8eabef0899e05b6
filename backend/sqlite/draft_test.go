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
	"github.com/fastmigrate/fastmigrate/source"
)

// awkward is a schema with what is easily got wrong.
const awkward = `
CREATE TABLE zoo (id INTEGER PRIMARY KEY AUTOINCREMENT, "a b" TEXT DEFAULT 'CREATE TABLE; it''s', c GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE "odd ""name""; --" ([x y] INT, ` + "`z`" + ` ANY) STRICT;
CREATE TABLE 'quoted' (a PRIMARY KEY, b REFERENCES zoo (id)) WITHOUT ROWID;
CREATE TABLE ant (x);
ALTER TABLE ant ADD COLUMN y DEFAULT (1 + 1); -- behind
CREATE UNIQUE INDEX i2 ON zoo ("a b") WHERE c > 1; CREATE INDEX "i 1" ON ant (x DESC, lower(y)) -- a comment
;
CREATE VIEW a_view AS SELECT * FROM z_view; -- depends on a later name
CREATE VIEW z_view AS SELECT id FROM zoo -- ends in a comment
;
CREATE VIEW m_view AS SELECT 1 AS one /* and another */
;
CREATE TRIGGER b_trigger AFTER INSERT ON zoo WHEN new.id > 0 BEGIN
  UPDATE ant SET x = CASE WHEN x THEN ';' ELSE 'END;' END;
  DELETE FROM quoted;
END;
CREATE TRIGGER a_trigger INSTEAD OF INSERT ON m_view BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE search USING fts5(body, content='ant', content_rowid='rowid');
CREATE VIRTUAL TABLE places USING rtree(id, x0, x1);
CREATE TABLE search_data_of_mine (x);
INSERT INTO zoo ("a b") VALUES ('x');
ANALYZE;
`

func schema(t *testing.T, path string) string {
	t.Helper()
	return ask(t, path, `SELECT type, name, tbl_name, sql FROM sqlite_schema
		WHERE name NOT LIKE 'sqlite_stat%' AND name NOT IN ('_meta', '_fastmigrate_history') ORDER BY 1, 2`)
}

func TestEnroll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.db")
	do(t, path, awkward)
	b := sqlitefile.Open(path)
	defer b.Close()
	migrations := filepath.Join(dir, "some", "migrations")
	file, err := fastmigrate.Enroll(t.Context(), b, migrations)
	if err != nil {
		t.Fatal(err)
	}
	if file != filepath.Join(migrations, "0001-initialize.sql") {
		t.Errorf("the draft is %s", file)
	}
	version(t, path, 1)
	check(t, path, historyQuery, "0-1:enrolled")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CREATE TABLE IF NOT EXISTS ", "CREATE UNIQUE INDEX IF NOT EXISTS i2", "'CREATE TABLE; it''s'", "CREATE VIEW a_view", "CREATE TABLE IF NOT EXISTS search_data_of_mine"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the draft lacks %q", want)
		}
	}
	for _, not := range []string{"_meta", "search_data'", "search_docsize", "places_node", "sqlite_sequence", "VIEW IF NOT EXISTS", "TRIGGER IF NOT EXISTS"} {
		if strings.Contains(string(text), not) {
			t.Errorf("the draft has %q", not)
		}
	}
	// It makes the same schema, by the tool itself.
	again := newFile(t)
	other := sqlitefile.Open(again)
	defer other.Close()
	if err := fastmigrate.RunMigrations(t.Context(), other, source.Dir(migrations)); err != nil {
		t.Fatal(err)
	}
	if got, want := schema(t, again), schema(t, path); got != want {
		t.Errorf("schema\n%s\nwant\n%s", got, want)
	}
	// The adopted database has nothing to do, and is quiet about it.
	m, err := fastmigrate.New(b, source.Dir(migrations), fastmigrate.Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	if report, err := m.Up(t.Context()); err != nil || len(report.Findings)+len(report.Applied) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	_, err = fastmigrate.Enroll(t.Context(), b, filepath.Join(dir, "more"))
	wantError(t, err, migration.ErrManaged, "version 1")
	if _, err := os.Stat(filepath.Join(dir, "more")); err == nil {
		t.Error("a folder was made")
	}
	nothingInside(t, dir, "app.db", "some")
}

func nothingInside(t *testing.T, dir string, but ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		known := false
		for _, name := range but {
			known = known || name == e.Name()
		}
		if !known {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// An enrolment that fails leaves nothing behind.
func TestEnrollFails(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.db")
	do(t, mine, "CREATE TABLE mine (x)")
	migrations := filepath.Join(dir, "a", "b")
	for path, target := range map[string]error{
		filepath.Join(dir, "none.db"): migration.ErrNoDatabase, dir: migration.ErrNotDatabase,
	} {
		_, err := fastmigrate.Enroll(t.Context(), sqlitefile.Open(path), migrations)
		wantError(t, err, target)
	}
	nothingInside(t, dir, "mine.db")

	// A first migration is never overwritten, whatever its kind.
	full := filepath.Join(dir, "full")
	if err := os.Mkdir(full, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(full, "0001-mine.py"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	b := sqlitefile.Open(mine)
	defer b.Close()
	_, err := fastmigrate.Enroll(t.Context(), b, full)
	wantError(t, err, os.ErrExist, "0001-mine.py", "--at 1")
	nothingInside(t, full, "0001-mine.py")

	// The folder's place is taken by a file.
	_, err = fastmigrate.Enroll(t.Context(), b, filepath.Join(full, "0001-mine.py"))
	wantError(t, err, nil, "0001-mine.py")

	// A schema that does not come out the same is not enrolled.
	broken := filepath.Join(dir, "broken.db")
	do(t, broken, "CREATE TABLE a (x); CREATE VIEW v AS SELECT x FROM a; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE VIEW v AS SELECT x FROM a -- ' || char(10) || ' ; SELECT 1' WHERE name = 'v'")
	_, err = fastmigrate.Enroll(t.Context(), sqlitefile.Open(broken), migrations)
	if err == nil {
		t.Error("a schema that can't be written was enrolled")
	}
	nothingInside(t, dir, "mine.db", "broken.db", "full")
	check(t, mine, "SELECT name FROM sqlite_schema", "mine")
}

func TestEnrollOverHandle(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.db")
	db := openRaw(t, path)
	if _, err := db.Exec(awkward); err != nil {
		t.Fatal(err)
	}
	if _, err := fastmigrate.Enroll(t.Context(), sqlite.New(db, sqlite.Options{}), filepath.Join(dir, "m")); err != nil {
		t.Fatal(err)
	}
	version(t, path, 1)
}

// An empty schema makes an empty draft, which is a migration like any other.
func TestEnrollEmpty(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.db")
	do(t, path, "CREATE TABLE a (x); DROP TABLE a")
	b := sqlitefile.Open(path)
	defer b.Close()
	if _, err := fastmigrate.Enroll(t.Context(), b, filepath.Join(dir, "m")); err != nil {
		t.Fatal(err)
	}
	version(t, path, 1)
}

func TestEnrollAt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	do(t, path, "CREATE TABLE log (n)")
	b := sqlitefile.Open(path)
	defer b.Close()
	m, err := fastmigrate.New(b, five(mended).source(), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, m.EnrollAt(t.Context(), 9), migration.ErrNoVersion)
	if err := m.EnrollAt(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	wantError(t, m.EnrollAt(t.Context(), 3), migration.ErrManaged)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, path, "SELECT n FROM log", "4 5")
	check(t, path, historyQuery, "0-3:enrolled 3-4:applied 4-5:applied")
	if findings, err := m.Verify(t.Context()); err != nil || len(findings) != 0 {
		t.Errorf("%v, %v", findings, err)
	}
}
