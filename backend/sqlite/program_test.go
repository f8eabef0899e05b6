package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// The programs of these tests do their work through this test binary, which is
// the one SQLite there surely is.
func init() {
	tasks["exec"] = func(path string) error { return execPlain(path, os.Getenv("FASTMIGRATE_TEST_SQL")) }
}

func execPlain(path, statements string) error {
	db, err := sql.Open(driverName(), path)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(context.Background(), statements)
	return errors.Join(err, db.Close())
}

// sh returns a shell script that executes statements on the database.
func sh(t *testing.T, statements string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s=exec FASTMIGRATE_TEST_DB=\"$1\" FASTMIGRATE_TEST_SQL=%s %s\n", asProcess, quoted(statements), quoted(self))
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func needsShell(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Fatal("these tests need /bin/sh")
	}
}

func TestProgram(t *testing.T) {
	needsShell(t)
	path := newFile(t)
	f := files{
		"0001-a.sql": "CREATE TABLE log (n);",
		"0002-b.sh":  sh(t, "INSERT INTO log SELECT state FROM _fastmigrate_history WHERE to_state = '2'"),
		"0003-c.sql": "INSERT INTO log VALUES (3);",
	}
	mustUp(t, path, f)
	check(t, path, "SELECT n FROM log", "begun 3") // it saw that its beginning was recorded
	check(t, path, historyQuery, "0-1:applied 1-2:applied 2-3:applied")
	check(t, path, "SELECT count(*) FROM _fastmigrate_history WHERE checksum = '' OR finished_at = ''", "0")
	version(t, path, 3)
	nothingBeside(t, path)
}

// A program that fails is recorded as failed, and simply run again.
func TestProgramFails(t *testing.T) {
	needsShell(t)
	path := newFile(t)
	broken := files{"0001-a.sql": "CREATE TABLE log (n);", "0002-b.sh": "echo out; echo oh >&2; exit 7", "0003-c.sql": mended}
	for i := range 2 {
		report, err := up(t, path, broken)
		wantError(t, err, nil, "0002-b.sh", "7")
		if report.Failed == nil || report.Failed.File() != "0002-b.sh" || len(report.Skipped) != 1 {
			t.Errorf("report: %+v", report)
		}
		version(t, path, 1)
		check(t, path, historyQuery, "0-1:applied"+strings.Repeat(" 1-2:failed", i+1))
	}
	broken["0002-b.sh"] = "exit 0"
	mustUp(t, path, broken)
	version(t, path, 3)
	nothingBeside(t, path)
}

// A program that was begun and is not known to have ended is not run again by
// itself.
func TestProgramBegun(t *testing.T) {
	needsShell(t)
	path := newFile(t)
	f := files{"0001-a.sql": "CREATE TABLE log (n);", "0002-b.sh": sh(t, "INSERT INTO log VALUES (2)")}
	mustUp(t, path, files{"0001-a.sql": f["0001-a.sql"]})
	do(t, path, `INSERT INTO _fastmigrate_history (kind, from_state, to_state, name, direction, state, started_at, host)
		VALUES ('files', '1', '2', '0002-b.sh', 'up', 'begun', '2026-05-06T07:08:09.000Z', 'here')`)
	for _, other := range []files{
		f,
		{"0001-a.sql": f["0001-a.sql"]}, // the file is gone
		{"0001-a.sql": f["0001-a.sql"], "0002-b.sql": "SELECT 1;"},       // it is a script now
		{"0001-a.sql": f["0001-a.sql"], "0003-c.sql": "SELECT 1;"},       // another comes first
		{"0001-a.sql": f["0001-a.sql"], "0002-b.py": "raise SystemExit"}, // it is another program
	} {
		_, err := up(t, path, other)
		wantError(t, err, migration.ErrUnfinished, "2026-05-06 07:08:09 UTC", "here", "--retry 2", "mark 2")
		version(t, path, 1)
	}
	b := sqlitefile.Open(path)
	defer b.Close()
	m, err := fastmigrate.New(b, f.source(), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wrong, right := migration.Version(3), migration.Version(2)
	_, err = m.Run(t.Context(), fastmigrate.Goal{Retry: &wrong})
	wantError(t, err, migration.ErrUnfinished)
	if _, err := m.Run(t.Context(), fastmigrate.Goal{Retry: &right}); err != nil {
		t.Fatal(err)
	}
	check(t, path, "SELECT n FROM log", "2")
	version(t, path, 2)
	if _, err := m.Up(t.Context()); err != nil {
		t.Error(err)
	}
}

// A program may move the version to its own number. Anything else that moves it
// meanwhile is refused.
func TestProgramMovesTheVersion(t *testing.T) {
	needsShell(t)
	for to, fine := range map[int]bool{1: true, 0: true, 2: false, 9: false} {
		path := newFile(t)
		_, err := up(t, path, files{"0001-a.sh": sh(t, fmt.Sprintf("UPDATE _meta SET version = %d", to))})
		if fine {
			if err != nil {
				t.Errorf("to %d: %v", to, err)
			}
			version(t, path, 1)
			continue
		}
		wantError(t, err, migration.ErrMoved, "0001-a.sh", fmt.Sprintf("from 0 to %d", to))
		version(t, path, to)
	}
}

// A program that ruins the database gets one clear error.
func TestProgramRuins(t *testing.T) {
	needsShell(t)
	for name, c := range map[string]struct{ script, says string }{
		"deletes":            {`rm "$1"`, "the database is gone after it ran"},
		"deletes and fails":  {`rm "$1"; exit 3`, "status 3"},
		"folder":             {`rm "$1"; mkdir "$1"`, "is a folder"},
		"empties":            {`: > "$1"`, "_meta"},
		"garbage":            {`echo "this is not a database, whatever its name may say about it, not at all" > "$1"`, "not a database"},
		"drops the table":    {sh(t, "DROP TABLE _meta"), "_meta"},
		"another's database": {`cp "$1" "$1.x"; rm "$1"; ` + strings.Replace(sh(t, "CREATE TABLE other (x)"), `"$1"`, `"$1.x"`, 1) + `mv "$1.x" "$1"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t)
			_, err := up(t, path, files{"0001-a.sh": c.script})
			if c.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				version(t, path, 1)
				check(t, path, historyQuery, "0-1:applied")
				return
			}
			wantError(t, err, nil, "0001-a.sh", c.says)
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
			if _, err := os.Stat(path + lockSuffix); err == nil {
				t.Error("the lock file was left behind")
			}
		})
	}
}

// A fresh database put in place, which knows nothing of the beginning, is
// recorded all the same.
func TestProgramReplacesTheDatabase(t *testing.T) {
	needsShell(t)
	path := newFile(t)
	other := filepath.Join(t.TempDir(), "other.db")
	create(t, other)
	mustUp(t, path, files{"0001-a.sh": "mv " + quoted(other) + ` "$1"`, "0002-b.sql": "CREATE TABLE t (x)"})
	check(t, path, historyQuery, "0-1:applied 1-2:applied")
	version(t, path, 2)
}

// Nothing of ours is open while a program runs: it may change what needs the
// database for itself.
func TestProgramHasTheDatabaseForItself(t *testing.T) {
	needsShell(t)
	path := newFile(t)
	mustUp(t, path, files{
		"0001-a.sh":  sh(t, "PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE a (x); PRAGMA journal_mode = WAL"),
		"0002-b.sql": "INSERT INTO a VALUES (1);",
		"0003-c.sh":  sh(t, "PRAGMA journal_mode = DELETE; VACUUM"),
		"0004-d.sql": "INSERT INTO a VALUES (2);",
	})
	check(t, path, "PRAGMA journal_mode", "delete")
	check(t, path, "SELECT x FROM a", "1 2")
	nothingBeside(t, path)
}

func TestProgramInMemory(t *testing.T) {
	b := sqlitefile.Open(sqlite.Memory)
	defer b.Close()
	if err := b.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	report, err := upOn(t.Context(), t, b, files{"0001-a.sql": "CREATE TABLE a (x)", "0002-b.sh": "exit 0"}, fastmigrate.Options{})
	wantError(t, err, migration.ErrUnsupported, "0002-b.sh", "memory")
	if applied(report) != "0001-a.sql" {
		t.Errorf("applied %q", applied(report))
	}
	if entries, err := b.History(t.Context()); err != nil || len(entries) != 1 {
		t.Errorf("history: %v, %v", entries, err)
	}
}

// Over a caller's handle a program is given the file that the engine has open.
func TestProgramOverCallersHandle(t *testing.T) {
	needsShell(t)
	path := newFile(t)
	db := openRaw(t, path)
	if _, err := upOn(t.Context(), t, sqlite.New(db, sqlite.Options{}), files{"0001-a.sh": sh(t, "CREATE TABLE a (x)")}, fastmigrate.Options{}); err != nil {
		t.Fatal(err)
	}
	check(t, path, "SELECT count(*) FROM a", "0")
	version(t, path, 1)
}

// The lock is held while a program runs, and by the program itself.
func TestProgramHoldsTheLock(t *testing.T) {
	needsShell(t)
	path := newFile(t)
	b := sqlitefile.Open(path)
	defer b.Close()
	s := session(t, b, backend.SessionOptions{})
	defer s.Close()
	w := work(t, b, 0, 1, script("0001-a.sql", ""))
	w.Step.Migration.Up = &migration.Program{Name: "0001-a.sh", Language: migration.KindShell, Reader: script("", "exit 0").Reader}
	launch, err := s.Begin(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if launch.Argument != path || len(launch.Inherit) != 1 {
		t.Errorf("launch: %+v", launch)
	}
	_, err = sqlitefile.Open(path).Session(t.Context(), backend.SessionOptions{LockTimeout: -1})
	wantError(t, err, migration.ErrBusyRun)
	if _, err := s.End(t.Context(), w, nil); err != nil {
		t.Fatal(err)
	}
	version(t, path, 1)
}

// Cancelled, a program is stopped and recorded as failed, so that it is simply
// run again.
func TestProgramCancelled(t *testing.T) {
	needsShell(t)
	path := newFile(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := upWith(ctx, t, path, files{"0001-a.sh": "exec sleep 60"}, fastmigrate.Options{})
	wantError(t, err, context.DeadlineExceeded, "0001-a.sh")
	check(t, path, historyQuery, "0-1:failed")
	mustUp(t, path, files{"0001-a.sh": "exit 0"})
	version(t, path, 1)
}

// A rollback script may be a program, too.
func TestProgramDown(t *testing.T) {
	needsShell(t)
	path := newFile(t)
	f := files{"0001-a.sql": "CREATE TABLE a (x)", "rollback/0001-a.sh": sh(t, "DROP TABLE a")}
	mustUp(t, path, f)
	b := sqlitefile.Open(path)
	defer b.Close()
	m, err := fastmigrate.New(b, f.source(), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	version(t, path, 0)
	check(t, path, historyQuery, "0-1:applied 1-0:applied")
	check(t, path, "SELECT count(*) FROM sqlite_schema WHERE name = 'a'", "0")
}
