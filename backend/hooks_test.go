package backend_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
	_ "github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile" // for its driver
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// shelf is a database in memory: a script is lines of KEY=VALUE.
type shelf struct {
	version migration.Version
	rows    map[string]string
	calls   []string
	fails   map[string]error // by hook
}

func (s *shelf) call(hook string) error {
	s.calls = append(s.calls, hook)
	return s.fails[hook]
}

func (s *shelf) hooks() backend.Hooks {
	return backend.Hooks{
		Kind:       "shelf",
		Connect:    func(context.Context) error { return s.call("connect") },
		EnsureMeta: func(context.Context) error { return s.call("ensure") },
		Version:    func(context.Context) (migration.Version, error) { return s.version, s.fails["version"] },
		SetVersion: func(_ context.Context, v migration.Version) error {
			if err := s.call(fmt.Sprintf("set %d", v)); err != nil {
				return err
			}
			s.version = v
			return nil
		},
		ExecSQL: func(_ context.Context, text string) error {
			for line := range strings.Lines(text) {
				key, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
				if !found {
					return fmt.Errorf("no value in %q", line)
				}
				s.rows[key] = value
			}
			return s.call("exec")
		},
		Close: func() error { return s.call("close") },
	}
}

func folder(f map[string]string) source.Source {
	fsys := fstest.MapFS{}
	for name, text := range f {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return source.FS(fsys)
}

func TestHooks(t *testing.T) {
	s := &shelf{rows: map[string]string{}}
	b := s.hooks().Backend()
	if b.Name() != "shelf" || (backend.Hooks{}).Backend().Name() != "hooks" {
		t.Error(b.Name())
	}
	err := fastmigrate.RunMigrations(t.Context(), b, folder(map[string]string{"0001-a.sql": "\uFEFFa=1\r\nb=2", "0003-c.sql": "b=3\rc=4\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "1", "b": "3", "c": "4"}, s.rows); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"connect", "ensure", "exec", "set 1", "exec", "set 3", "close"}, s.calls); diff != "" {
		t.Error(diff)
	}
	if _, err := b.State(t.Context()); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("State of what is closed: %v", err)
	}
}

// A hook's error is that of the migration, and what was done stays done.
func TestHooksFail(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		hook, says, hint string
		calls            string
	}{
		{"connect", "broken", "", "connect"},
		{"ensure", "broken", "", "connect,ensure,close"},
		{"version", "broken", "", "connect,ensure,close"},
		{"exec", "0001-a.sql: broken", "", "connect,ensure,exec,close"},
		{"set 1", "0001-a.sql: it was executed, and the version could not be set: broken", "fastmigrate mark 1", "connect,ensure,exec,set 1,close"},
		{"close", "broken", "", "connect,ensure,exec,set 1,close"},
	} {
		s := &shelf{rows: map[string]string{}, fails: map[string]error{c.hook: broken}}
		b := s.hooks().Backend()
		err := fastmigrate.RunMigrations(t.Context(), b, folder(map[string]string{"0001-a.sql": "a=1"}))
		err = errors.Join(err, b.Close())
		if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), c.says) || !strings.Contains(migration.HintOf(err), c.hint) {
			t.Errorf("%s: %v, hint %q", c.hook, err, migration.HintOf(err))
		}
		if got := strings.Join(s.calls, ","); got != c.calls {
			t.Errorf("%s: called %s, want %s", c.hook, got, c.calls)
		}
	}
	_, err := backend.Hooks{Version: func(context.Context) (migration.Version, error) { return 0, nil }}.Backend().State(t.Context())
	if err == nil || !strings.Contains(err.Error(), "without EnsureMeta, SetVersion, ExecSQL") {
		t.Errorf("without hooks: %v", err)
	}
	s := &shelf{version: -1}
	if _, err := s.hooks().Backend().State(t.Context()); !errors.Is(err, migration.ErrBadVersion) {
		t.Errorf("version -1: %v", err)
	}
}

// Once a script was executed its version is set, also where the run is told to
// stop at that moment.
func TestHooksRecordWhenCancelled(t *testing.T) {
	s := &shelf{rows: map[string]string{}}
	ctx, cancel := context.WithCancel(t.Context())
	h := s.hooks()
	h.ExecSQL = func(context.Context, string) error { cancel(); return nil }
	set := h.SetVersion
	h.SetVersion = func(ctx context.Context, v migration.Version) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return set(ctx, v)
	}
	err := fastmigrate.RunMigrations(ctx, h.Backend(), folder(map[string]string{"0001-a.sql": "", "0002-b.sql": ""}))
	if !errors.Is(err, context.Canceled) || s.version != 1 {
		t.Errorf("%v, at %d", err, s.version)
	}
}

// closer is a lock that counts.
type closer struct{ closed *int }

func (c closer) Close() error { *c.closed++; return nil }

// A lock of one's own is taken around the making of the table, and around the
// run.
func TestHooksLock(t *testing.T) {
	s := &shelf{rows: map[string]string{}}
	h := s.hooks()
	var taken []time.Duration
	closed := 0
	h.Lock = func(_ context.Context, o backend.SessionOptions) (io.Closer, error) {
		taken = append(taken, o.LockTimeout)
		return closer{&closed}, nil
	}
	if err := fastmigrate.RunMigrations(t.Context(), h.Backend(), folder(map[string]string{"0001-a.sql": ""})); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(taken, []time.Duration{-1, 0}) || closed != 2 {
		t.Errorf("taken with %v, given back %d times", taken, closed)
	}
	h.Lock = func(context.Context, backend.SessionOptions) (io.Closer, error) { return nil, migration.ErrBusyRun }
	if _, err := h.Backend().State(t.Context()); !errors.Is(err, migration.ErrLocked) || !errors.Is(err, migration.ErrBusyRun) {
		t.Errorf("State while another run is at work: %v", err)
	}
}

// sqliteHooks is the twenty-line backend, over database/sql.
func sqliteHooks(path string) (backend.Backend, error) {
	driver := "sqlite"
	if !slices.Contains(sql.Drivers(), driver) {
		driver = "sqlite3"
	}
	db, err := sql.Open(driver, path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	exec := func(ctx context.Context, script string, args ...any) error {
		_, err := db.ExecContext(ctx, script, args...)
		return err
	}
	return backend.Hooks{
		EnsureMeta: func(ctx context.Context) error {
			return exec(ctx, `CREATE TABLE IF NOT EXISTS _meta (id INTEGER PRIMARY KEY, version INTEGER NOT NULL);
				INSERT OR IGNORE INTO _meta VALUES (1, 0)`)
		},
		Version: func(ctx context.Context) (v migration.Version, err error) {
			return v, db.QueryRowContext(ctx, "SELECT version FROM _meta WHERE id = 1").Scan(&v)
		},
		SetVersion: func(ctx context.Context, v migration.Version) error {
			return exec(ctx, "UPDATE _meta SET version = ? WHERE id = 1", v)
		},
		ExecSQL:  func(ctx context.Context, script string) error { return exec(ctx, script) },
		Close:    db.Close,
		LockName: path,
		Argument: path,
	}.Backend(), nil
}

func TestHooksConformance(t *testing.T) {
	other := func(t testing.TB, path string, f func(*sql.DB) error) {
		t.Helper()
		driver := "sqlite"
		if !slices.Contains(sql.Drivers(), driver) {
			driver = "sqlite3"
		}
		db, err := sql.Open(driver, path)
		if err == nil {
			err = errors.Join(f(db), db.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	backendtest.Run(t, backendtest.Harness{
		New:     func(t testing.TB) string { return filepath.Join(t.TempDir(), "hooks.db") },
		Open:    sqliteHooks,
		Failure: backendtest.Unknown,
		Exec: func(t testing.TB, d backendtest.Database, script string) {
			t.Helper()
			other(t, d.Address, func(db *sql.DB) error { _, err := db.Exec(script); return err })
		},
		Rows: func(t testing.TB, d backendtest.Database, table string) (numbers []int, there bool) {
			t.Helper()
			other(t, d.Address, func(db *sql.DB) error {
				var n int
				err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = ?", table).Scan(&n)
				if there = n > 0; err != nil || !there {
					return err
				}
				rows, err := db.Query("SELECT n FROM " + table)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					if err := rows.Scan(&n); err != nil {
						return err
					}
					numbers = append(numbers, n)
				}
				return rows.Err()
			})
			return numbers, there
		},
	})
}

// How long an outside program took is told.
func TestHooksProgramDuration(t *testing.T) {
	s := &shelf{rows: map[string]string{}}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "0001-a.sh"), []byte("sleep 0.01\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	hooks := s.hooks()
	hooks.Argument = "shelf"
	m, err := fastmigrate.New(hooks.Backend(), source.Dir(dir), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := m.Up(t.Context())
	if err != nil || len(report.Applied) != 1 {
		t.Fatal(report, err)
	}
	if took := report.Applied[0].Result.Duration; took < 10*time.Millisecond {
		t.Errorf("it took %v", took)
	}
}
