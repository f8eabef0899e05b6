package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// mixed is a folder that does not fit into one transaction: its second script
// has transactions of its own.
var mixed = files{
	"0001-a.sql": "CREATE TABLE t (x); INSERT INTO t VALUES (1);",
	"0002-b.sql": "BEGIN; INSERT INTO t VALUES (2); COMMIT; VACUUM; BEGIN; INSERT INTO t VALUES (3); COMMIT;",
	"0003-c.sql": "CREATE TABLE big AS SELECT zeroblob(300000) AS b; INSERT INTO t VALUES (4);",
}

// with returns the folder with one more file, or another one.
func (f files) with(name, text string) files {
	all := files{name: text}
	for n, t := range f {
		if n != name {
			all[n] = t
		}
	}
	return all
}

// atomic brings the database to the newest version, all or nothing.
func atomic(t *testing.T, path string, f files, o fastmigrate.Options) (*fastmigrate.Report, error) {
	t.Helper()
	o.Atomic = true
	return upWith(t.Context(), t, path, f, o)
}

// inJournal makes a managed database in a journal mode.
func inJournal(t *testing.T, journal string) string {
	t.Helper()
	path := newFile(t)
	do(t, path, "PRAGMA journal_mode = "+journal+"; CREATE TABLE old (x); INSERT INTO old VALUES ('mine')")
	return path
}

func TestStage(t *testing.T) {
	for _, journal := range journals {
		t.Run(journal, func(t *testing.T) {
			path := inJournal(t, journal)
			if err := os.Chmod(path, 0o640); err != nil {
				t.Fatal(err)
			}
			var events []string
			report, err := atomic(t, path, mixed, fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
				switch e := e.(type) {
				case fastmigrate.Copied:
					events = append(events, filepath.Base(e.File)+": "+e.Why)
					check(t, path, "SELECT version FROM _meta", "0")
				case fastmigrate.Started:
					events = append(events, "started")
				case fastmigrate.Applied:
					events = append(events, "applied")
					check(t, path, "SELECT version FROM _meta", "3") // it is durable
				}
			}})
			if err != nil || applied(report) != "0001-a.sql 0002-b.sql 0003-c.sql" || report.End != "3" {
				t.Fatalf("%+v, %v", report, err)
			}
			if got := strings.Join(events, " "); got != "app.db.fastmigrate-copy: 0002-b.sql manages its own transactions started started started applied applied applied" {
				t.Errorf("events: %s", got)
			}
			check(t, path, "SELECT x FROM t ORDER BY x", "1 2 3 4")
			check(t, path, "SELECT x FROM old", "mine")
			check(t, path, historyQuery, "0-1:applied 1-2:applied 2-3:applied")
			check(t, path, "PRAGMA integrity_check", "ok")
			check(t, path, "PRAGMA journal_mode", journal)
			if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			nothingInside(t, filepath.Dir(path), "app.db")
		})
	}
}

// Whatever fails, and wherever, the database is what it was.
func TestStageFails(t *testing.T) {
	for _, journal := range journals {
		for name, text := range map[string]string{
			"0004-d.sql":   "CREATE TABLE d (x); FAIL;",
			"0004-own.sql": "BEGIN; CREATE TABLE d (x); COMMIT; FAIL;",
			"0004-d.sh":    "exit 3",
			"0004-e.sh":    `rm "$1"`,
			"0004-f.sh":    `echo garbage > "$1"`,
		} {
			t.Run(journal+" "+name, func(t *testing.T) {
				path := inJournal(t, journal)
				report, err := atomic(t, path, mixed.with(name, text), fastmigrate.Options{})
				wantError(t, err, nil, name)
				if len(report.Applied) > 0 || report.End != "0" || report.Failed == nil || report.Failed.File() != name || len(report.Skipped) != 3 {
					t.Errorf("%+v", report)
				}
				check(t, path, "SELECT name FROM sqlite_schema ORDER BY 1", "_meta old")
				version(t, path, 0)
				nothingInside(t, filepath.Dir(path), "app.db")
			})
		}
	}
}

// An outside program is given the copy, and what it does there comes about with
// the rest.
func TestStageProgram(t *testing.T) {
	for _, journal := range journals {
		path := inJournal(t, journal)
		f := mixed.with("0004-d.sh", `echo "$1" > `+path+`.told; "$PY" -c "
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('INSERT INTO t VALUES (5)')
db.commit()
db.execute('PRAGMA journal_mode = `+other(journal)+`')
" "$1"`)
		t.Setenv("PY", python(t))
		report, err := atomic(t, path, f, fastmigrate.Options{})
		if err != nil || report.End != "4" || len(report.Findings) > 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		check(t, path, "SELECT x FROM t ORDER BY x", "1 2 3 4 5")
		check(t, path, "PRAGMA journal_mode", other(journal))
		if text, _ := os.ReadFile(path + ".told"); string(text) != path+".fastmigrate-copy\n" {
			t.Errorf("it was given %q", text)
		}
		nothingInside(t, filepath.Dir(path), "app.db", "app.db.told")
	}
}

// python returns the path of a Python.
func python(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Fatalf("python3 is needed, run `make deps`: %v", err)
	}
	return path
}

// A backup under the lock of the run leaves no connection behind that would be in
// a program's way.
func TestBackupIsInNobodysWay(t *testing.T) {
	path := inJournal(t, "wal")
	t.Setenv("PY", python(t))
	f := files{"0001-a.sh": `"$PY" -c "
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute('PRAGMA journal_mode = delete').fetchone())
" "$1"`}
	if _, err := upWith(t.Context(), t, path, f, fastmigrate.Options{Backup: path + ".backup"}); err != nil {
		t.Fatal(err)
	}
	check(t, path, "PRAGMA journal_mode", "delete")
	version(t, path+".backup", 0)
}

func other(journal string) string {
	if journal == "wal" {
		return "delete"
	}
	return "wal"
}

// A database that somebody writes to meanwhile is left alone.
func TestStageMeanwhile(t *testing.T) {
	for _, journal := range journals {
		t.Run(journal, func(t *testing.T) {
			path := inJournal(t, journal)
			_, err := atomic(t, path, mixed, fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
				if started, ok := e.(fastmigrate.Started); ok && started.Step.To == "2" {
					do(t, path, "INSERT INTO old VALUES ('late')")
				}
			}})
			wantError(t, err, migration.ErrMeanwhile, "run again when nobody writes")
			check(t, path, "SELECT x FROM old", "mine late")
			check(t, path, "SELECT name FROM sqlite_schema ORDER BY 1", "_meta old")
			nothingInside(t, filepath.Dir(path), "app.db")
			if _, err := atomic(t, path, mixed, fastmigrate.Options{}); err != nil {
				t.Fatal(err)
			}
			check(t, path, "SELECT x FROM old", "mine late")
			version(t, path, 3)
		})
	}
}

// Nobody writes between the look at whether somebody did and the end; who reads
// sees the old database until all of the new one is there.
func TestStageNoGap(t *testing.T) {
	for _, journal := range journals {
		t.Run(journal, func(t *testing.T) {
			path := inJournal(t, journal)
			conn, err := openRaw(t, path).Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			askOn(t, conn, "PRAGMA busy_timeout = 0")
			askOn(t, conn, "SELECT * FROM old")
			looked := 0
			d := sqlitefile.Functions()
			whole := d.Restore
			look := func() {
				looked++
				if _, err := conn.ExecContext(t.Context(), "INSERT INTO old VALUES ('late')"); err == nil {
					t.Error("another program wrote")
				}
				var n int
				err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema").Scan(&n)
				if err == nil && n != 2 || err != nil && (journal == "wal" || !strings.Contains(err.Error(), "locked")) {
					t.Errorf("it sees %d objects, %v", n, err)
				}
			}
			d.Restore = func(ctx context.Context, dst *sql.Conn, file string, locked func() error) error {
				if locked == nil { // the lock is held before
					look()
					return whole(ctx, dst, file, nil)
				}
				return whole(ctx, dst, file, func() error {
					err := locked()
					look()
					return err
				})
			}
			b := sqlite.File(path, d, sqlite.Options{})
			defer b.Close()
			if _, err := upOn(t.Context(), t, b, mixed, fastmigrate.Options{Atomic: true}); err != nil {
				t.Fatal(err)
			}
			if looked != 1 {
				t.Errorf("looked %d times", looked)
			}
			if got := askOn(t, conn, "SELECT (SELECT count(*) FROM t), x FROM old"); got != "4|mine" {
				t.Errorf("the other connection sees %s", got)
			}
		})
	}
}

// What can't be written back is refused before anything is done.
func TestStageRefuses(t *testing.T) {
	for name, c := range map[string]struct{ journal, text, words string }{
		"attach":    {"delete", "ATTACH 'x.db' AS x; CREATE TABLE x.y (z); DETACH x;", "attaches another database"},
		"page size": {"wal", "PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192; VACUUM;", "write-ahead log"},
	} {
		path := inJournal(t, c.journal)
		report, err := atomic(t, path, mixed.with("0004-d.sql", c.text), fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
			if _, begun := e.(fastmigrate.Copied); begun {
				t.Errorf("%s: a copy was made", name)
			}
		}})
		wantError(t, err, migration.ErrNotAtomic, "0004-d.sql", c.words, "up --to 4")
		if len(report.Applied) > 0 {
			t.Errorf("%+v", report)
		}
	}
	// The page size changes where it can.
	path := inJournal(t, "delete")
	if _, err := atomic(t, path, mixed.with("0004-d.sql", "PRAGMA page_size = 8192; VACUUM;"), fastmigrate.Options{}); err != nil {
		t.Fatal(err)
	}
	check(t, path, "PRAGMA page_size", "8192")
	check(t, path, "SELECT x FROM t ORDER BY x", "1 2 3 4")
	check(t, path, "PRAGMA integrity_check", "ok")
	// And a program that does it under a write-ahead log is found out.
	path = inJournal(t, "wal")
	t.Setenv("PY", python(t))
	_, err := atomic(t, path, files{"0001-a.sh": `"$PY" -c "
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for s in 'journal_mode = delete', 'page_size = 8192': db.execute('PRAGMA ' + s).fetchall()
db.execute('VACUUM')
" "$1"`}, fastmigrate.Options{})
	wantError(t, err, migration.ErrNotAtomic, "write-ahead log")
	version(t, path, 0)
	// Over a caller's handle there is no copy.
	for _, d := range doors[1:] {
		b, _ := d.open(t)
		_, err := upOn(t.Context(), t, b, mixed, fastmigrate.Options{Atomic: true})
		wantError(t, err, migration.ErrNotAtomic, "open the database by its path")
		wantError(t, err, migration.ErrUnsupported)
		b.Close()
	}
}

// The next run removes the copy that a killed one left, unless an outside
// program is still at work on it.
func TestStageLeftover(t *testing.T) {
	path := inJournal(t, "delete")
	for _, suffix := range []string{"", "-journal", "-wal"} {
		if err := os.WriteFile(path+".fastmigrate-copy"+suffix, []byte("left"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustUp(t, path, files{"0001-a.sql": "CREATE TABLE t (x); INSERT INTO t VALUES (1);"})
	nothingInside(t, filepath.Dir(path), "app.db")
	if _, err := atomic(t, path, mixed, fastmigrate.Options{}); err != nil {
		t.Fatal(err)
	}
	check(t, path, "SELECT x FROM t ORDER BY x", "1 2 3 4")
}

func TestStageCancelled(t *testing.T) {
	for _, journal := range journals {
		path := inJournal(t, journal)
		ctx, cancel := context.WithCancel(t.Context())
		d := sqlitefile.Functions()
		whole := d.Restore
		d.Restore = func(ctx context.Context, dst *sql.Conn, file string, locked func() error) error {
			cancel()
			return whole(ctx, dst, file, locked)
		}
		b := sqlite.File(path, d, sqlite.Options{})
		report, err := upOn(ctx, t, b, mixed, fastmigrate.Options{Atomic: true})
		wantError(t, err, context.Canceled)
		if len(report.Applied) > 0 || report.End != "0" {
			t.Errorf("%+v", report)
		}
		version(t, path, 0)
		b.Close()
		nothingInside(t, filepath.Dir(path), "app.db")
	}
}

var _ backend.Staging = (*sqlite.Backend)(nil)
