package pyconfig_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
	"github.com/fastmigrate/fastmigrate/migration"
)

// The hooks lock and unlock stand around all others but those that open and
// close the connection.
func TestLockHooks(t *testing.T) {
	db := filepath.Join(t.TempDir(), "db")
	dir := folder(t, files{"0001-a.sql": "a", "config.py": config(t, "log") + `
tries = 0
async def lock(conn):
    global tries
    tries += 1
    note(conn, "lock")
    return tries > 2 or None if tries != 1 else False
def unlock(conn): note(conn, "unlock")
`})
	mustUp(t, dir, db)
	want := []string{
		"get_connection Path " + db, "lock", "lock", "ensure_meta_table", "get_version", "execute_sql 'a'", "set_version 1", "unlock", "close_connection",
	}
	if diff := cmp.Diff(want, lines(t, db)); diff != "" {
		t.Error(diff)
	}
}

// A hook that never gets the lock is given up; one that raises is told.
func TestLockHooksFail(t *testing.T) {
	db := filepath.Join(t.TempDir(), "db")
	dir := folder(t, files{"config.py": config(t, "log") + "def lock(conn): note(conn, 'lock'); return False\ndef unlock(conn): note(conn, 'unlock')\n"})
	b, err := pyconfig.Open(t.Context(), dir, db, pyconfig.Options{Python: python})
	if err != nil {
		t.Fatal(err)
	}
	var holders []string
	_, err = b.Session(t.Context(), backend.SessionOptions{LockTimeout: time.Millisecond, Waiting: func(holder string) { holders = append(holders, holder) }})
	wantError(t, err, migration.ErrBusyRun, "the hook lock", "--lock-timeout")
	if len(holders) != 1 || holders[0] == "" {
		t.Errorf("told of %q", holders)
	}
	if _, err := b.State(t.Context()); !errors.Is(err, migration.ErrLocked) {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if got := strings.Join(lines(t, db)[1:], ","); strings.ReplaceAll(got, "lock,", "") != "close_connection" {
		t.Errorf("hooks: %s", got)
	}
	write(t, dir, files{"config.py": config(t, "log") + "def lock(conn): raise OSError('no lock')\nunlock = lock\n"})
	_, err = up(t.Context(), t, dir, db, pyconfig.Options{})
	wantError(t, err, nil, "lock raised OSError: no lock")
}

// Without hooks of its own a folder has one lock for each database, whichever
// way the two are written.
func TestLocalLock(t *testing.T) {
	dir, other := folder(t, files{"config.py": config(t, "sqlite3")}), folder(t, files{"config.py": config(t, "sqlite3")})
	t.Chdir(t.TempDir())
	session := func(dir, db string, timeout time.Duration) (func(), error) {
		t.Helper()
		b, err := pyconfig.Open(t.Context(), dir, db, pyconfig.Options{Python: python})
		if err != nil {
			t.Fatal(err)
		}
		s, err := b.Session(t.Context(), backend.SessionOptions{LockTimeout: timeout})
		return func() {
			if err == nil {
				err = s.Close()
			}
			if err = errors.Join(err, b.Close()); err != nil && !errors.Is(err, migration.ErrBusyRun) {
				t.Error(err)
			}
		}, err
	}
	done, err := session(dir, "app.db", 0)
	if err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs("app.db")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir, db string
		busy    bool
	}{{dir, "app.db", true}, {dir, "./app.db", true}, {dir, abs, true}, {dir + "/", "app.db", true}, {dir, "other.db", false}, {other, "app.db", false}} {
		close, err := session(c.dir, c.db, -1)
		if busy := errors.Is(err, migration.ErrBusyRun); busy != c.busy || err != nil && !busy {
			t.Errorf("%s in %s: %v", c.db, c.dir, err)
		}
		close()
	}
	done()
	done, err = session(dir, "app.db", -1)
	if err != nil {
		t.Error(err)
	}
	done()
}
