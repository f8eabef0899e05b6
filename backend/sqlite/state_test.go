package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

func TestState(t *testing.T) {
	const meta = "CREATE TABLE _meta (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL DEFAULT 0); "
	for _, c := range []struct {
		schema, want string
		target       error
	}{
		{meta + "INSERT INTO _meta VALUES (1, 0)", "0", nil},
		{meta + "INSERT INTO _meta VALUES (1, 42)", "42", nil},
		{meta + "INSERT INTO _meta VALUES (1, '7')", "7", nil},
		{meta + "INSERT INTO _meta VALUES (1, 1.9)", "1", nil},
		{"CREATE TABLE _META (ID INTEGER PRIMARY KEY, VERSION INTEGER); INSERT INTO _meta VALUES (1, 3)", "3", nil},
		{"CREATE TABLE _meta (id PRIMARY KEY, version); INSERT INTO _meta VALUES (1, '5')", "5", nil},
		{"CREATE TABLE _meta (id INT NOT NULL UNIQUE, version TEXT); INSERT INTO _meta VALUES (1, 5)", "5", nil},
		{"CREATE TABLE _meta (id INT, version INT); CREATE UNIQUE INDEX u ON _meta (id); INSERT INTO _meta VALUES (1, 5)", "5", nil},
		{"CREATE TABLE _meta (id PRIMARY KEY, version) WITHOUT ROWID; INSERT INTO _meta VALUES (1, 5)", "5", nil},
		{"CREATE TABLE other (x)", "no version table _meta", migration.ErrNotManaged},
		{"CREATE TABLE other (x); CREATE TRIGGER _meta AFTER INSERT ON other BEGIN SELECT 1; END", "no version table _meta", migration.ErrNotManaged},
		{meta, "no row with id 1", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id PRIMARY KEY, version); INSERT INTO _meta VALUES (2, 5)", "no row with id 1", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id PRIMARY KEY, version); INSERT INTO _meta VALUES (1, NULL)", "of type null", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id PRIMARY KEY, version); INSERT INTO _meta VALUES (1, 'five')", "of type text", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id PRIMARY KEY, version); INSERT INTO _meta VALUES (1, '')", "of type text", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id PRIMARY KEY, version); INSERT INTO _meta VALUES (1, x'35')", "of type blob", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id PRIMARY KEY, version); INSERT INTO _meta VALUES (1, -1)", "is -1", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id PRIMARY KEY); INSERT INTO _meta VALUES (1)", "no such column: version", migration.ErrBadVersion},
		{"CREATE TABLE _meta (version); INSERT INTO _meta VALUES (1)", "not unique", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id, version); INSERT INTO _meta VALUES (1, 5)", "not unique", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id, version, PRIMARY KEY (id, version)); INSERT INTO _meta VALUES (1, 5)", "not unique", migration.ErrBadVersion},
		{"CREATE TABLE _meta (id, version); CREATE UNIQUE INDEX u ON _meta (id) WHERE id > 1; INSERT INTO _meta VALUES (1, 5)", "not unique", migration.ErrBadVersion},
		{"CREATE TABLE m (id PRIMARY KEY, version); CREATE VIEW _meta AS SELECT * FROM m; INSERT INTO m VALUES (1, 5)", "_meta is a view", migration.ErrBadVersion},
	} {
		path := filepath.Join(t.TempDir(), "app.db")
		do(t, path, c.schema)
		b := sqlitefile.Open(path)
		state, err := b.State(t.Context())
		if c.target == nil {
			if err != nil || string(state) != c.want {
				t.Errorf("%s: %s, %v; want %s", c.schema, state, err, c.want)
			}
			// It can be moved, too.
			if _, err := up(t, path, files{"0001-a.sql": "SELECT 1", "0099-b.sql": "CREATE TABLE t (x)"}); err != nil {
				t.Errorf("%s: %v", c.schema, err)
			}
			version(t, path, 99)
		} else {
			if err == nil {
				t.Errorf("%s: no error", c.schema)
				continue
			}
			wantError(t, err, c.target, c.want, path)
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
			_, err := up(t, path, files{"0001-a.sql": "CREATE TABLE t (x)"})
			wantError(t, err, c.target)
			nothingBeside(t, path)
		}
		b.Close()
	}
}

// What is not a database says what it is.
func TestStateOfSomethingElse(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database at all ", 100)), 0o666); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for path, c := range map[string]struct {
		target error
		says   string
	}{
		filepath.Join(dir, "none"):      {migration.ErrNoDatabase, "none"},
		filepath.Join(dir, "none/none"): {migration.ErrNoDatabase, "none"},
		filepath.Join(garbage, "x"):     {migration.ErrNoDatabase, "garbage"},
		dir:                             {migration.ErrNotDatabase, "is a folder"},
		garbage:                         {migration.ErrNotDatabase, "not a database"},
		empty:                           {migration.ErrNotManaged, "_meta"},
		"":                              {migration.ErrNoDatabase, "empty"},
	} {
		b := sqlitefile.Open(path)
		_, err := b.State(t.Context())
		wantError(t, err, c.target, c.says, path)
		_, err = upOn(t.Context(), t, b, files{"0001-a.sql": "CREATE TABLE t (x)"}, fastmigrateOptions)
		wantError(t, err, c.target, c.says)
		b.Close()
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("files were made: %v", entries)
	}
}

// The history's rows may be edited by hand without stopping a run.
func TestHistoryEditedByHand(t *testing.T) {
	path := newFile(t)
	mustUp(t, path, files{"0001-a.sql": "CREATE TABLE log (n)"})
	do(t, path, "UPDATE _fastmigrate_history SET started_at = 'yesterday', finished_at = '', to_state = 'one'")
	mustUp(t, path, files{"0001-a.sql": "CREATE TABLE log (n)", "0002-b.sql": mended})
	version(t, path, 2)
	do(t, path, "DROP TABLE _fastmigrate_history")
	mustUp(t, path, files{"0001-a.sql": "CREATE TABLE log (n)", "0002-b.sql": mended, "0003-c.sql": mended})
	check(t, path, historyQuery, "2-3:applied")
}
