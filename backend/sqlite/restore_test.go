package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// journals are the two ways in which SQLite keeps a transaction whole.
var journals = []string{"delete", "wal"}

// restore makes the database what a file holds; what it replaces is kept under
// the name with "kept" behind it.
func restore(t *testing.T, path, file string) (backend.Restored, error) {
	t.Helper()
	b := sqlitefile.Open(path)
	defer b.Close()
	return b.Restore(t.Context(), file, backend.RestoreOptions{Keep: path + ".kept", LockTimeout: -1})
}

// saved makes a database in a journal mode and a backup of it, and changes the
// database after that.
func saved(t *testing.T, journal string) (path, file string) {
	t.Helper()
	path = newFile(t)
	do(t, path, "PRAGMA journal_mode = "+journal+"; CREATE TABLE t (x); INSERT INTO t VALUES ('old')")
	file, err := backup(t, path)
	if err != nil {
		t.Fatal(err)
	}
	do(t, path, "UPDATE t SET x = 'new'; CREATE TABLE more AS SELECT zeroblob(100000) AS b; UPDATE _meta SET version = 7")
	return path, file
}

func TestRestore(t *testing.T) {
	for _, journal := range journals {
		t.Run(journal, func(t *testing.T) {
			path, file := saved(t, journal)
			restored, err := restore(t, path, file)
			if err != nil || restored.State != "0" || restored.Kept != path+".kept" || len(restored.Findings) > 0 {
				t.Fatalf("%+v, %v", restored, err)
			}
			nothingInside(t, filepath.Dir(path), "app.db", "app.db.backup", "app.db.kept")
			check(t, path, "SELECT x FROM t", "old")
			check(t, path, "SELECT name FROM sqlite_schema ORDER BY 1", "_meta t")
			check(t, path, "PRAGMA journal_mode", journal)
			check(t, path, "PRAGMA integrity_check", "ok")
			check(t, restored.Kept, "SELECT x, version FROM t, _meta", "new|7")
			mustUp(t, path, five(mended))
		})
	}
}

// Others that have the database open go on: one that reads finds the new
// content, one that is within a transaction keeps the old content in WAL mode,
// where it is in nobody's way.
func TestRestoreWhileOpen(t *testing.T) {
	for _, journal := range journals {
		t.Run(journal, func(t *testing.T) {
			path, file := saved(t, journal)
			other, err := openRaw(t, path).Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			statement, err := other.PrepareContext(t.Context(), "SELECT x FROM t")
			if err != nil {
				t.Fatal(err)
			}
			defer statement.Close()
			says := func(want string) {
				t.Helper()
				var got string
				if err := statement.QueryRow().Scan(&got); err != nil || got != want {
					t.Errorf("it reads %q, %v, want %q", got, err, want)
				}
			}
			says("new")
			if journal == "wal" {
				if _, err := other.ExecContext(t.Context(), "BEGIN"); err != nil {
					t.Fatal(err)
				}
				says("new")
			}
			if _, err := restore(t, path, file); err != nil {
				t.Fatal(err)
			}
			if journal == "wal" {
				says("new")
				if _, err := other.ExecContext(t.Context(), "COMMIT"); err != nil {
					t.Fatal(err)
				}
			}
			says("old")
			if _, err := other.ExecContext(t.Context(), "INSERT INTO t VALUES ('newest')"); err != nil {
				t.Error(err)
			}
			check(t, path, "SELECT x FROM t", "old newest")
			check(t, path, "PRAGMA integrity_check", "ok")
		})
	}
}

// Nobody writes between the copy that is kept and the replacement.
func TestRestoreKeepsWhatItReplaces(t *testing.T) {
	for _, journal := range journals {
		t.Run(journal, func(t *testing.T) {
			path, file := saved(t, journal)
			other, err := openRaw(t, path).Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			askOn(t, other, "PRAGMA busy_timeout = 0")
			tried := 0
			b := meddled(path, func() {
				if tried++; tried < 2 {
					return // the backup is fetched
				}
				if _, err := other.ExecContext(t.Context(), "INSERT INTO t VALUES ('late')"); err == nil {
					t.Error("another program wrote")
				}
			})
			defer b.Close()
			if _, err := b.Restore(t.Context(), file, backend.RestoreOptions{Keep: path + ".kept"}); err != nil {
				t.Fatal(err)
			}
			if tried != 2 {
				t.Errorf("the test meddled %d times", tried)
			}
			check(t, path+".kept", "SELECT x FROM t", "new")
			check(t, path, "SELECT x FROM t", "old")
		})
	}
}

// What is no whole database is refused, and nothing is changed.
func TestRestoreRefuses(t *testing.T) {
	for _, journal := range journals {
		path, file := saved(t, journal)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(path)
		write := func(name string, text []byte) string {
			t.Helper()
			name = filepath.Join(dir, name)
			if err := os.WriteFile(name, text, 0o644); err != nil {
				t.Fatal(err)
			}
			return name
		}
		page := append([]byte{}, text...)
		copy(page[4096:], strings.Repeat("x", 4096))
		for name, c := range map[string]struct {
			file   string
			target error
			words  string
		}{
			"text":     {write("text", []byte("this is not a database, but it is long enough to be looked at")), migration.ErrNotDatabase, "text"},
			"empty":    {write("empty", nil), migration.ErrNotDatabase, ""},
			"cut":      {write("cut", text[:len(text)-4096]), migration.ErrDamaged, ""},
			"page":     {write("page", page), migration.ErrDamaged, ""},
			"missing":  {filepath.Join(dir, "none"), fs.ErrNotExist, "none"},
			"folder":   {dir, migration.ErrNotDatabase, ""},
			"the same": {path, nil, "the database itself"},
		} {
			_, err := restore(t, path, c.file)
			if err == nil {
				t.Errorf("%s was restored", name)
				continue
			}
			wantError(t, err, c.target, c.words)
		}
		if err := os.WriteFile(path+".kept", nil, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = restore(t, path, file)
		wantError(t, err, fs.ErrExist)
		check(t, path, "SELECT x, version FROM t, _meta", "new|7")
		nothingInside(t, dir, "app.db", "app.db.backup", "app.db.kept", "text", "empty", "cut", "page")
	}
}

// A database that is gone, or is no database any more, is made anew; what lay
// there is kept, and no old journal is played into the new file.
func TestRestoreWhatIsBroken(t *testing.T) {
	for _, journal := range journals {
		for name, breaks := range map[string]func(path string) error{
			"missing":   os.Remove,
			"empty":     func(path string) error { return os.Truncate(path, 0) },
			"text":      func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("no database ", 999)), 0o600) },
			"no schema": func(path string) error { return garble(path, 100, 3000) },
			"pages":     func(path string) error { return garble(path, 4096, 9000) },
		} {
			t.Run(journal+" "+name, func(t *testing.T) {
				path, file := saved(t, journal)
				if err := breaks(path); err != nil {
					t.Fatal(err)
				}
				was, _ := os.ReadFile(path)
				for _, suffix := range []string{"-wal", "-journal"} {
					if err := os.WriteFile(path+suffix, []byte("left"), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				restored, err := restore(t, path, file)
				if err != nil {
					t.Fatal(err)
				}
				check(t, path, "SELECT x, version FROM t, _meta", "old|0")
				check(t, path, "PRAGMA integrity_check", "ok")
				if kept, _ := os.ReadFile(path + ".kept"); len(was) > 0 && string(kept[2000:]) != string(was[2000:]) {
					t.Errorf("%s has %d bytes, want the %d that were there", restored.Kept, len(kept), len(was))
				}
			})
		}
	}
}

// garble overwrites a part of a file.
func garble(path string, at, n int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(strings.Repeat("?", int(n))), at)
	return errors.Join(err, f.Close())
}

// A backup with pages of another size fits a database with a write-ahead log,
// too, whose page size the engine can't change.
func TestRestorePageSize(t *testing.T) {
	for _, journal := range journals {
		path, file := saved(t, journal)
		do(t, file, "PRAGMA journal_mode = DELETE; PRAGMA page_size = 16384; VACUUM")
		restored, err := restore(t, path, file)
		if err != nil {
			t.Fatal(err)
		}
		check(t, path, "SELECT x FROM t", "old")
		check(t, path, "PRAGMA integrity_check", "ok")
		check(t, path, "PRAGMA journal_mode", "delete")
		if len(restored.Findings) > 0 {
			t.Errorf("%v", restored.Findings)
		}
	}
}

// A run, and a program that keeps the database locked, are waited for.
func TestRestoreLocked(t *testing.T) {
	path, file := saved(t, "delete")
	b := sqlitefile.Open(path)
	defer b.Close()
	s := session(t, b, backend.SessionOptions{})
	_, err := restore(t, path, file)
	wantError(t, err, migration.ErrBusyRun)
	// The session itself restores under its own lock.
	restored, err := s.(backend.Restorer).Restore(t.Context(), file, backend.RestoreOptions{Keep: path + ".kept"})
	if err != nil || restored.State != "0" {
		t.Errorf("%+v, %v", restored, err)
	}
	if state, err := s.State(t.Context()); err != nil || state != "0" {
		t.Errorf("the session is at %s, %v", state, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, path, "SELECT x FROM t", "old")
}

func TestRestoreCancelled(t *testing.T) {
	path, file := saved(t, "wal")
	ctx, cancel := context.WithCancel(t.Context())
	b := meddled(path, cancel)
	defer b.Close()
	_, err := b.Restore(ctx, file, backend.RestoreOptions{Keep: path + ".kept"})
	wantError(t, err, context.Canceled)
	check(t, path, "SELECT x FROM t", "new")
	nothingInside(t, filepath.Dir(path), "app.db", "app.db.backup")
}

// Over a caller's handle there is no driver that could do it.
func TestRestoreUnsupported(t *testing.T) {
	for _, d := range doors[1:] {
		b, _ := d.open(t)
		_, err := b.Restore(t.Context(), "x", backend.RestoreOptions{Keep: "y"})
		wantError(t, err, migration.ErrUnsupported, "open the database by its path")
		b.Close()
	}
}

// meddled returns a backend for a file that calls f before each copy it makes.
func meddled(path string, f func()) *sqlite.Backend {
	d := sqlitefile.Functions()
	whole := d.Copy
	d.Copy = func(ctx context.Context, src *sql.Conn, file string) error {
		f()
		return whole(ctx, src, file)
	}
	return sqlite.File(path, d, sqlite.Options{})
}

// Who reads while a database is replaced, again and again, sees one of the two
// and never some of each.
func TestRestoreIsNeverMixed(t *testing.T) {
	for _, journal := range journals {
		t.Run(journal, func(t *testing.T) {
			path, old := saved(t, journal)
			do(t, path, "CREATE TABLE w (x); INSERT INTO w SELECT zeroblob(2000) FROM json_each('["+repeat("1", 300)+"]')")
			b := sqlitefile.Open(path)
			defer b.Close()
			now := path + ".now"
			if err := b.Copy(t.Context(), now); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			seen := make(chan map[string]int)
			go func() {
				db := openRaw(t, path)
				db.SetMaxOpenConns(1)
				counts := make(map[string]int)
				for ctx.Err() == nil {
					var got string
					err := db.QueryRow("SELECT x || version || (SELECT count(*) FROM sqlite_schema) || (SELECT * FROM pragma_quick_check) FROM t, _meta").Scan(&got)
					if err != nil && strings.Contains(err.Error(), "locked") {
						continue // a rollback journal keeps readers out
					}
					if err != nil {
						got = err.Error()
					}
					counts[got]++
				}
				seen <- counts
			}()
			for i := range 8 {
				file := []string{old, now}[i%2]
				_, err := b.Restore(t.Context(), file, backend.RestoreOptions{Keep: path + ".kept" + strings.Repeat("t", i)})
				if err != nil {
					t.Error(err)
				}
			}
			stop()
			counts := <-seen
			for got, n := range counts {
				if got != "old02ok" && got != "new74ok" {
					t.Errorf("%d times it saw %s", n, got)
				}
			}
			if len(counts) == 0 {
				t.Error("nothing was read")
			}
		})
	}
}
