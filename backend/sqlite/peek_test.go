//go:build linux

package sqlite_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// A process that has the file to itself learns without the engine what the engine
// would say, and asks the engine where the file is an unusual one.
func TestAlone(t *testing.T) {
	three := files{"0001-a.sql": "CREATE TABLE a (x)", "0002-b.sql": "CREATE TABLE b (x)", "0007-c.sql": "CREATE TABLE c (x)",
		"rollback/0007-c.sql": "DROP TABLE c"}
	apply := func(t *testing.T, path string) { mustUp(t, path, three) }
	migrator := func(t *testing.T, path string) *fastmigrate.Migrator {
		b := sqlitefile.Open(path)
		t.Cleanup(func() { b.Close() })
		m, err := fastmigrate.New(b, three.source(), fastmigrate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, path string)
		opens   int // how often the engine opens the file
	}{
		{"new", func(t *testing.T, path string) {}, 0},
		{"applied", apply, 0},
		{"applied by way of a log", func(t *testing.T, path string) { do(t, path, "PRAGMA journal_mode = WAL"); apply(t, path) }, 0},
		{"taken back", func(t *testing.T, path string) {
			apply(t, path)
			if _, err := migrator(t, path).Down(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"marked", func(t *testing.T, path string) {
			apply(t, path)
			if err := migrator(t, path).Mark(t.Context(), 2); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"a program that failed", func(t *testing.T, path string) {
			apply(t, path)
			_, _ = up(t, path, files{"0001-a.sql": "", "0002-b.sql": "", "0007-c.sql": "", "0008-d.sh": "exit 3"})
		}, 0},
		{"enrolled", func(t *testing.T, path string) {
			do(t, path, "DROP TABLE _meta; CREATE TABLE old (x)")
			if err := sqlitefile.Open(path).Enroll(t.Context(), migration.Entry{Kind: migration.Files, From: "0", To: "1", Status: migration.Enrolled}); err != nil {
				t.Fatal(err)
			}
			apply(t, path)
		}, 0},
		{"behind a thousand tables", func(t *testing.T, path string) {
			do(t, path, "DROP TABLE _meta")
			var tables strings.Builder
			for n := range 1000 {
				fmt.Fprintf(&tables, "CREATE TABLE t%d (x);", n)
			}
			do(t, path, "BEGIN;"+tables.String()+"COMMIT")
			do(t, path, "CREATE TABLE _meta (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL DEFAULT 0); INSERT INTO _meta VALUES (1, 0)")
			apply(t, path)
		}, 0},
		{"a log is there", func(t *testing.T, path string) {
			do(t, path, "PRAGMA journal_mode = WAL")
			db := openRaw(t, path)
			if _, err := db.Exec("UPDATE _meta SET version = 5"); err != nil {
				t.Fatal(err)
			}
		}, 1},
		{"a version as text", func(t *testing.T, path string) {
			do(t, path, "DROP TABLE _meta; CREATE TABLE _meta (id INTEGER PRIMARY KEY, version TEXT); INSERT INTO _meta VALUES (1, '12')")
		}, 1},
		{"a history of another hand", func(t *testing.T, path string) {
			apply(t, path)
			do(t, path, "ALTER TABLE _fastmigrate_history ADD COLUMN more")
		}, 1},
		{"a history that was thinned out", func(t *testing.T, path string) {
			apply(t, path)
			do(t, path, "DELETE FROM _fastmigrate_history")
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := newFile(t)
			c.prepare(t, path)
			opens := 0
			driver := sqlitefile.Functions()
			open := driver.Open
			driver.Open = func(path string, create bool) (*sql.DB, error) { opens++; return open(path, create) }
			b, engine := sqlite.File(path, driver, sqlite.Options{Alone: true}), sqlitefile.Open(path)
			defer b.Close()
			at, summary, err := b.Summary(t.Context())
			state, stateErr := b.State(t.Context())
			if opens != c.opens {
				t.Errorf("the engine opened the file %d times, want %d", opens, c.opens)
			}
			defer engine.Close()
			wantAt, want, wantErr := engine.Summary(t.Context())
			if at != wantAt || state != wantAt || summary != want || err != nil || stateErr != nil || wantErr != nil {
				t.Errorf("%s, %s, %+v, %v, %v; want %s, %+v, %v", at, state, summary, err, stateErr, wantAt, want, wantErr)
			}
		})
	}
}

// A history that was made before there were digests is gone on with.
func TestHistoryWithoutDigest(t *testing.T) {
	path := newFile(t)
	two := files{"0001-a.sql": "CREATE TABLE a (x)", "0002-b.sql": "CREATE TABLE b (x)"}
	mustUp(t, path, two)
	do(t, path, "ALTER TABLE _fastmigrate_history DROP COLUMN digest")
	if r := mustUp(t, path, two); len(r.Applied) > 0 || len(r.Findings) > 0 {
		t.Errorf("with nothing to do: %+v", r)
	}
	two["0003-c.sql"] = "CREATE TABLE c (x)"
	mustUp(t, path, two)
	version(t, path, 3)
	check(t, path, "SELECT name FROM _fastmigrate_history", "0001-a.sql 0002-b.sql 0003-c.sql")
}
