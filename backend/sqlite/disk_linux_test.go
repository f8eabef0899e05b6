package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// big is a migration that needs more room than there is: so much that SQLite
// writes before the commit, or only just too much for the commit.
var big = map[string]string{
	"spills":     "CREATE TABLE big AS SELECT zeroblob(20000000) AS b;",
	"at commit":  "CREATE TABLE big AS SELECT zeroblob(1200000) AS b;",
	"many rows":  "CREATE TABLE big AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000) SELECT hex(zeroblob(500)) FROM c;",
	"own commit": "BEGIN; CREATE TABLE big AS SELECT zeroblob(1200000) AS b; COMMIT;",
}

func init() {
	for name, text := range big {
		tasks["full, "+name] = func(path string) error {
			if err := limitFiles(500_000); err != nil {
				return err
			}
			b := sqlitefile.Open(path)
			return errors.Join(fastmigrate.RunMigrations(context.Background(), b, five(text).source()), b.Close())
		}
	}
	tasks["full copy"] = func(path string) error {
		if err := limitFiles(500_000); err != nil {
			return err
		}
		b := sqlitefile.Open(path)
		return errors.Join(b.Copy(context.Background(), path+".backup"), b.Close())
	}
}

// limitFiles makes writing behind a size fail in this process.
func limitFiles(size uint64) error {
	signal.Ignore(unix.SIGXFSZ)
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: size})
}

// A disk that is full ends the whole transaction. What came before the
// migration that was too much is applied all the same.
func TestDiskFull(t *testing.T) {
	for name := range big {
		t.Run(name, func(t *testing.T) {
			path := newFile(t)
			out, err := process(t, "full, "+name, path).CombinedOutput()
			if err == nil {
				t.Fatal("the migration had room")
			}
			if text := string(out); !strings.Contains(text, "0003-c.sql") || !strings.Contains(text, "disk") {
				t.Errorf("it said %q", text)
			}
			version(t, path, 2)
			check(t, path, "SELECT n FROM log", "1 2")
			check(t, path, historyQuery, "0-1:applied 1-2:applied")
			check(t, path, "PRAGMA integrity_check", "ok")
			nothingBeside(t, path)
			mustUp(t, path, five(mended))
			check(t, path, "SELECT n FROM log", "1 2 3 4 5")
		})
	}
}

func TestDiskFullCopy(t *testing.T) {
	path := newFile(t)
	do(t, path, "CREATE TABLE big AS SELECT zeroblob(6000000) AS b")
	out, err := process(t, "full copy", path).CombinedOutput()
	if err == nil {
		t.Fatal("the copy had room")
	}
	if text := string(out); !strings.Contains(text, "back up: ") || !strings.Contains(text, "disk") || strings.Count(text, "\n") > 1 {
		t.Errorf("it said %q", text)
	}
	nothingBeside(t, path)
	check(t, path, "PRAGMA integrity_check", "ok")
}

// The same on a file system that is full indeed, where we may make one.
func TestDiskFullIndeed(t *testing.T) {
	dir, ok := smallDisk(t, "600k")
	if !ok {
		return
	}
	for name, text := range big {
		path := filepath.Join(dir, "app.db")
		create(t, path)
		_, err := up(t, path, five(text))
		wantError(t, err, nil, "0003-c.sql", "disk is full", "make room on the disk")
		version(t, path, 2)
		check(t, path, "SELECT n FROM log", "1 2")
		nothingBeside(t, path)
		mustUp(t, path, five(mended))
		check(t, path, "SELECT n FROM log", "1 2 3 4 5")
		if t.Failed() {
			t.Fatalf("so it was with %q", name)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// asNobody runs f with the rights on files of a user who owns nothing.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f() // the folder's mode is enough
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Setfsuid(0) }()
	f()
}

// A database that may not be written is told as such, and one that has nothing
// pending needs no right to write, neither to the file nor to its folder.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.db")
	create(t, path)
	f := files{"0001-a.sql": "CREATE TABLE log (n)"}
	mustUp(t, path, f)
	for _, name := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(dir, 0o755)
	}
	more := files{"0001-a.sql": f["0001-a.sql"], "0002-b.sql": mended}
	asNobody(t, func() {
		if file, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			file.Close()
			t.Fatal("the file may be written to")
		}
		b := sqlitefile.Open(path)
		defer b.Close()
		m, err := fastmigrate.New(b, f.source(), fastmigrate.Options{Strict: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Up(context.Background()); err != nil {
			t.Errorf("nothing pending: %v", err)
		}
		if s, err := m.Status(context.Background()); err != nil || s.Version != 1 {
			t.Errorf("status: %v, %v", s, err)
		}
		if findings, err := m.Verify(context.Background()); err != nil || len(findings) != 0 {
			t.Errorf("verify: %v, %v", findings, err)
		}
		if m, err = fastmigrate.New(b, more.source(), fastmigrate.Options{}); err != nil {
			t.Fatal(err)
		}
		if p, err := m.Plan(context.Background(), fastmigrate.Goal{}); err != nil || len(p.Steps) != 1 {
			t.Errorf("plan: %v, %v", p, err)
		}
		_, err = m.Up(context.Background())
		wantError(t, err, nil, "lock file", "permission denied", "must be writable")
		err = b.Copy(context.Background(), path+".backup")
		wantError(t, err, os.ErrPermission)
		err = sqlitefile.Open(filepath.Join(dir, "new.db")).Create(context.Background())
		wantError(t, err, os.ErrPermission)
	})
	// In a folder that may be written to, the file says no by itself.
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	asNobody(t, func() {
		b := sqlitefile.Open(path)
		defer b.Close()
		_, err := upOn(t.Context(), t, b, more, fastmigrateOptions)
		wantError(t, err, nil, "0002-b.sql", "readonly database", "must be writable")
		_, err = b.Session(context.Background(), backend.SessionOptions{LockTimeout: -1})
		if errors.Is(err, migration.ErrBusyRun) {
			t.Error(fmt.Errorf("the lock was kept: %w", err))
		}
	})
	check(t, path, "SELECT version FROM _meta", "1")
}

// Room is looked for before anything is done: for a backup, for restoring one,
// and for a run on a copy. Where no file system may be made it is not.
func TestRoomIsLookedForFirst(t *testing.T) {
	dir, ok := smallDisk(t, "1500k")
	if !ok {
		return
	}
	path := filepath.Join(dir, "app.db")
	create(t, path)
	elsewhere := filepath.Join(t.TempDir(), "app.db.backup")
	do(t, path, "CREATE TABLE big AS SELECT zeroblob(600000) AS b")
	b := sqlitefile.Open(path)
	defer b.Close()
	if err := b.Copy(t.Context(), elsewhere); err != nil {
		t.Fatal(err)
	}
	_, err := b.Restore(t.Context(), elsewhere, backend.RestoreOptions{Keep: path + ".kept"})
	wantError(t, err, nil, "the disk is full: ", "of room are needed", "nothing was changed")
	_, err = upOn(t.Context(), t, b, mixed, fastmigrate.Options{Atomic: true})
	wantError(t, err, nil, "the disk is full: ", "of room are needed", "nothing was changed")
	if _, err := rehearse(t.Context(), t, b, files{"0001-a.sql": "CREATE TABLE a (x);"}, fastmigrate.Options{}, ""); err != nil {
		t.Error(err)
	}
	do(t, path, "INSERT INTO big VALUES (zeroblob(300000))")
	wantError(t, b.Copy(t.Context(), path+".backup"), nil, "the disk is full: ", "of room are needed")
	version(t, path, 0)
	b.Close()
	nothingInside(t, dir, "app.db")
}

// smallDisk mounts a file system of a size. Who may mount and can't fails; others
// are told that the test was not run.
func smallDisk(t *testing.T, size string) (dir string, ok bool) {
	t.Helper()
	dir = t.TempDir()
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size)
	switch {
	case err != nil && os.Geteuid() == 0:
		t.Fatalf("mount a small file system: %v", err)
	case err != nil:
		t.Logf("NOT RUN: only root may mount a small file system: %v", err)
		return dir, false
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, true
}
