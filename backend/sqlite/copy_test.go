package sqlite_test

import (
	"context"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/internal/filelock"
	"github.com/fastmigrate/fastmigrate/migration"
)

// backup copies the database beside itself and returns the copy's path.
func backup(t *testing.T, path string) (string, error) {
	t.Helper()
	b := sqlitefile.Open(path)
	defer b.Close()
	file := path + ".backup"
	return file, b.Copy(t.Context(), file)
}

// What is committed, also in a write-ahead log, is in the copy; what is not
// committed is not.
func TestCopy(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		path := newFile(t)
		writer, err := openRaw(t, path).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer writer.Close()
		for _, statement := range []string{
			"PRAGMA journal_mode = " + mode, "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)", "BEGIN IMMEDIATE", "INSERT INTO t VALUES (2)",
		} {
			if _, err := writer.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		file, err := backup(t, path)
		if err != nil {
			t.Fatal(err)
		}
		nothingInside(t, filepath.Dir(path), "app.db", "app.db.backup", "app.db-wal", "app.db-shm", "app.db-journal")
		check(t, file, "SELECT x FROM t", "1")
		check(t, file, "PRAGMA integrity_check", "ok")
		version(t, file, 0)
		if _, err := writer.ExecContext(t.Context(), "COMMIT"); err != nil {
			t.Errorf("the writer was disturbed: %v", err)
		}
	}
}

func TestCopyKeepsTheMode(t *testing.T) {
	for _, mode := range []fs.FileMode{0o600, 0o644, 0o440} {
		path := newFile(t)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		file, err := backup(t, path)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode() != mode {
			t.Errorf("mode %v, %v; want %v", info.Mode(), err, mode)
		}
	}
}

func TestCopyTouchesNothing(t *testing.T) {
	path := newFile(t)
	if err := os.WriteFile(path+".backup", []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	file, err := backup(t, path)
	wantError(t, err, fs.ErrExist, file)
	if text, _ := os.ReadFile(file); string(text) != "mine" {
		t.Errorf("the file there has %q", text)
	}
	for target, file := range map[error]string{migration.ErrNoDatabase: "none.db", migration.ErrNotDatabase: "."} {
		path := filepath.Join(t.TempDir(), file)
		_, err := backup(t, path)
		wantError(t, err, target)
		if _, err := os.Stat(path + ".backup"); err == nil {
			t.Error("a file was made")
		}
	}
}

// A copy that is not sound, or not of this version, is no backup.
func TestCopyChecks(t *testing.T) {
	for words, spoil := range map[string]string{
		"2nd reference":       "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'j') WHERE name = 'i'",
		"database is damaged": "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 99 WHERE name = 'i'",
		`at version "4", and`: "UPDATE _meta SET version = 4",
		`at version "", and`:  "DROP TABLE _meta",
		"not a database":      "",
	} {
		path := newFile(t)
		do(t, path, "CREATE TABLE t (x); CREATE INDEX i ON t (x); CREATE TABLE u (x); CREATE INDEX j ON u (x); INSERT INTO t VALUES (1)")
		d := sqlitefile.Functions()
		whole := d.Copy
		d.Copy = func(ctx context.Context, src *sql.Conn, file string) error {
			if spoil == "" {
				return os.WriteFile(file, []byte("this is not a database"), 0o600)
			}
			err := whole(ctx, src, file)
			do(t, file, spoil)
			return err
		}
		b := sqlite.File(path, d, sqlite.Options{})
		wantError(t, b.Copy(t.Context(), path+".backup"), nil, "back up: check the copy: ", words)
		b.Close()
		nothingInside(t, filepath.Dir(path), "app.db")
	}
}

// What a killed backup left is removed by the next one, unless it is at work.
func TestCopySweeps(t *testing.T) {
	path := newFile(t)
	stamp := path + ".20240131_120000.backup"
	for _, file := range []string{stamp + ".fastmigrate-new", path + ".mine.backup.fastmigrate-new", path + ".20240131_120001.backup.fastmigrate-new", path + ".20240131_120002.backup.fastmigrate-lock"} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	held, err := filelock.Acquire(t.Context(), stamp+".fastmigrate-lock", filelock.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup(t, path); err != nil {
		t.Fatal(err)
	}
	nothingInside(t, filepath.Dir(path), "app.db", "app.db.backup", "app.db.20240131_120000.backup.fastmigrate-new",
		"app.db.20240131_120000.backup.fastmigrate-lock", "app.db.mine.backup.fastmigrate-new")
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
}

// A lock that another program keeps ends the backup with an error, and does not
// let it hang.
func TestCopyOfLocked(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for the busy timeout")
	}
	path := newFile(t)
	writer, err := openRaw(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if _, err := writer.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = backup(t, path)
	wantError(t, err, migration.ErrLocked)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := writer.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	nothingBeside(t, path)
}

// A writer that comes midway neither spoils the copy nor keeps it from ending.
func TestCopyWhileWriting(t *testing.T) {
	path := newFile(t)
	do(t, path, "PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t SELECT randomblob(3000) FROM json_each('["+repeat("1", 3000)+"]')")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		db := openRaw(t, path)
		db.SetMaxOpenConns(1)
		for ctx.Err() == nil {
			if _, err := db.Exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE; INSERT INTO t VALUES (1); INSERT INTO t VALUES (1); COMMIT"); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	file, err := backup(t, path)
	stop()
	if writing := <-done; err != nil || writing != nil {
		t.Fatalf("copy: %v; writing: %v", err, writing)
	}
	check(t, file, "SELECT count(*) % 2 FROM t", "0")
	check(t, file, "PRAGMA integrity_check", "ok")
}

// Nobody can lock the database while it is copied: the engine's backup would
// wait for that without end.
func TestCopyKeepsOthersOut(t *testing.T) {
	path := newFile(t)
	b := sqlite.File(path, sqlite.Driver{
		Open: func(path string, _ bool) (*sql.DB, error) { return sql.Open(driverName(), path) },
		Copy: func(_ context.Context, _ *sql.Conn, file string) error {
			other, err := openRaw(t, path).Conn(t.Context())
			if err != nil {
				return err
			}
			defer other.Close()
			if _, err := other.ExecContext(t.Context(), "PRAGMA busy_timeout = 0"); err != nil {
				return err
			}
			if _, err := other.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err == nil {
				t.Error("another program locked the database")
			}
			do(t, file, "CREATE TABLE _meta (id, version); INSERT INTO _meta VALUES (1, 0)")
			return nil
		},
	}, sqlite.Options{})
	defer b.Close()
	if err := b.Copy(t.Context(), path+".copy"); err != nil {
		t.Fatal(err)
	}
	do(t, path, "BEGIN EXCLUSIVE; COMMIT") // and it is let go of afterwards
}

// repeat returns a text n times, with commas between.
func repeat(text string, n int) string {
	all := text
	for range n - 1 {
		all += "," + text
	}
	return all
}

func TestCopyCancelled(t *testing.T) {
	path := newFile(t)
	b := sqlitefile.Open(path)
	defer b.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, b.Copy(ctx, path+".backup"), context.Canceled)
	nothingBeside(t, path)
}

// Over a caller's handle, and of a database in memory.
func TestCopyOverHandle(t *testing.T) {
	path := newFile(t)
	mustUp(t, path, five(mended))
	b := sqlite.New(openRaw(t, path), sqlite.Options{})
	if err := b.Copy(t.Context(), path+".copy"); err != nil {
		t.Fatal(err)
	}
	check(t, path+".copy", "SELECT n FROM log", "1 2 3 4 5")

	memory := sqlitefile.Open(sqlite.Memory)
	defer memory.Close()
	if err := memory.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := memory.Copy(t.Context(), path+".memory"); err != nil {
		t.Fatal(err)
	}
	version(t, path+".memory", 0)
	if err := memory.Copy(t.Context(), path+".memory"); err == nil {
		t.Error("copied over a file")
	}
	if _, err := memory.State(t.Context()); err != nil {
		t.Errorf("after a copy: %v", err)
	}
}

// Verify says what is wrong with a damaged page, and with rows and history.
func TestVerify(t *testing.T) {
	path := newFile(t)
	b := sqlitefile.Open(path)
	defer b.Close()
	mustUp(t, path, files{"0001-a.sql": "CREATE TABLE p (id INTEGER PRIMARY KEY, x); CREATE INDEX i ON p (x); CREATE TABLE c (p REFERENCES p); INSERT INTO p SELECT value, hex(randomblob(300)) FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30]');"})
	if findings, err := b.Verify(t.Context()); err != nil || len(findings) != 0 {
		t.Fatalf("%v, %v", findings, err)
	}
	do(t, path, "INSERT INTO c VALUES (99)")
	if findings, err := b.Verify(t.Context()); err != nil || codes(findings) != "foreign-key" {
		t.Fatalf("%v, %v", findings, err)
	}
	b.Close()
	page := ask(t, path, "SELECT rootpage FROM sqlite_schema WHERE name = 'i'")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := 4096 * (int(page[0]-'0') - 1)
	if len(page) > 1 {
		at = 4096 * (10*int(page[0]-'0') + int(page[1]-'0') - 1)
	}
	copy(text[at:], make([]byte, 4096))
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	findings, err := b.Verify(t.Context())
	if err != nil || len(findings) == 0 || findings[0].Code != migration.CodeIntegrity || findings[0].Hint == "" {
		t.Errorf("%v, %v", findings, err)
	}
	// And so does a migration that meets it.
	_, err = up(t, path, files{"0002-b.sql": "INSERT INTO p (x) VALUES (1);"})
	wantError(t, err, nil, "0002-b.sql:1:1: database disk image is malformed", "verify")
	version(t, path, 1)
}
