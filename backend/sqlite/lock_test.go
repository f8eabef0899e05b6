package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

const lockSuffix = ".fastmigrate-lock"

// asProcess names a task that the test binary does instead of testing, when it
// is started again by a test.
const asProcess = "FASTMIGRATE_TEST_TASK"

func TestMain(m *testing.M) {
	if task := os.Getenv(asProcess); task != "" {
		if err := tasks[task](os.Getenv("FASTMIGRATE_TEST_DB")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// tasks are what other processes do.
var tasks = map[string]func(path string) error{
	"five": func(path string) error {
		b := sqlitefile.Open(path)
		defer b.Close()
		return fastmigrate.RunMigrations(context.Background(), b, five(mended).source())
	},
	"die with the lock": func(path string) error {
		if _, err := sqlitefile.Open(path).Session(context.Background(), backend.SessionOptions{}); err != nil {
			return err
		}
		p, _ := os.FindProcess(os.Getpid())
		_ = p.Kill()
		select {}
	},
}

// process returns the command of another process that does a task.
func process(t *testing.T, task, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), asProcess+"="+task, "FASTMIGRATE_TEST_DB="+path)
	return cmd
}

func nothingBeside(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

func TestLockTimesOut(t *testing.T) {
	path := newFile(t)
	b := sqlitefile.Open(path)
	defer b.Close()
	s := session(t, b, backend.SessionOptions{})
	other := sqlitefile.Open(path)
	defer other.Close()
	var holders []string
	began := time.Now()
	_, err := other.Session(t.Context(), backend.SessionOptions{
		LockTimeout: 200 * time.Millisecond,
		Waiting:     func(holder string) { holders = append(holders, holder) },
	})
	host, _ := os.Hostname()
	who := fmt.Sprintf("pid %d on %s since ", os.Getpid(), host)
	wantError(t, err, migration.ErrBusyRun, who, "--lock-timeout")
	if took := time.Since(began); took < 200*time.Millisecond || took > 20*time.Second {
		t.Errorf("waited %v", took)
	}
	if len(holders) != 1 || !strings.HasPrefix(holders[0], who) {
		t.Errorf("holders: %q", holders)
	}
	_, err = other.Session(t.Context(), backend.SessionOptions{LockTimeout: -1})
	wantError(t, err, migration.ErrBusyRun)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = other.Session(ctx, backend.SessionOptions{})
	wantError(t, err, context.DeadlineExceeded)

	// Whoever waits gets it as soon as it is free.
	time.AfterFunc(100*time.Millisecond, func() { s.Close() })
	s2 := session(t, other, backend.SessionOptions{})
	if err := s2.Close(); err != nil {
		t.Fatal(err)
	}
	nothingBeside(t, path)
}

// What a killed process leaves is no obstacle.
func TestLockOfTheDead(t *testing.T) {
	path := newFile(t)
	cmd := process(t, "die with the lock", path)
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("it did not die: %v", err)
	}
	if _, err := os.Stat(path + lockSuffix); err != nil {
		t.Fatalf("it left no lock file: %v", err)
	}
	mustUp(t, path, five(mended))
	nothingBeside(t, path)
}

// The lock of a database that is reached by a link, by a relative path or over
// a caller's handle is that of the file itself.
func TestLockIsTheFiles(t *testing.T) {
	path := newFile(t)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Symlink(filepath.Dir(path), folder); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(path))
	for name, other := range map[string]*sqlite.Backend{
		"link": sqlitefile.Open(link), "folder": sqlitefile.Open(filepath.Join(folder, "app.db")), "relative": sqlitefile.Open("./app.db"),
		"handle": sqlite.New(openRaw(t, path), sqlite.Options{}), "handle by link": sqlite.New(openRaw(t, link), sqlite.Options{}),
	} {
		b := sqlitefile.Open(path)
		s := session(t, b, backend.SessionOptions{})
		if _, err := other.Session(t.Context(), backend.SessionOptions{LockTimeout: -1}); !errors.Is(err, migration.ErrBusyRun) {
			t.Errorf("%s: got %v", name, err)
		}
		s.Close()
		s = session(t, other, backend.SessionOptions{})
		if _, err := b.Session(t.Context(), backend.SessionOptions{LockTimeout: -1}); !errors.Is(err, migration.ErrBusyRun) {
			t.Errorf("%s, the other way around: got %v", name, err)
		}
		s.Close()
		b.Close()
		other.Close()
	}
	nothingBeside(t, path)
	nothingBeside(t, link)
}

// Several at once apply each migration once, and all of them succeed.
func TestSeveralAtOnce(t *testing.T) {
	check := func(t *testing.T, path string, errs []error) {
		t.Helper()
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		version(t, path, 5)
		check(t, path, "SELECT n FROM log", "1 2 3 4 5")
		check(t, path, "SELECT count(*) FROM _fastmigrate_history", "5")
		nothingBeside(t, path)
	}
	t.Run("goroutines", func(t *testing.T) {
		path := newFile(t)
		errs := make([]error, 8)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				b := sqlitefile.Open(path)
				defer b.Close()
				errs[i] = fastmigrate.RunMigrations(t.Context(), b, five(mended).source())
			})
		}
		group.Wait()
		check(t, path, errs)
	})
	t.Run("processes", func(t *testing.T) {
		path := newFile(t)
		errs := make([]error, 8)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				if out, err := process(t, "five", path).CombinedOutput(); err != nil {
					errs[i] = fmt.Errorf("%w: %s", err, out)
				}
			})
		}
		group.Wait()
		check(t, path, errs)
	})
	t.Run("one backend", func(t *testing.T) {
		path := newFile(t)
		b := sqlitefile.Open(path)
		errs := make([]error, 8)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() { errs[i] = fastmigrate.RunMigrations(t.Context(), b, five(mended).source()) })
		}
		group.Wait()
		b.Close()
		check(t, path, errs)
	})
}

// A run with nothing to do writes nothing and locks nothing.
func TestNothingPending(t *testing.T) {
	for _, strict := range []bool{false, true} {
		path := newFile(t)
		f := five(mended)
		mustUp(t, path, f)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Hour).Truncate(time.Second)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		// Somebody else holds the lock, and nobody waits for it.
		s := session(t, sqlitefile.Open(path), backend.SessionOptions{})
		b := sqlitefile.Open(path)
		m, err := fastmigrate.New(b, f.source(), fastmigrate.Options{LockTimeout: -1, Strict: strict})
		if err != nil {
			t.Fatal(err)
		}
		if report, err := m.Up(t.Context()); err != nil || report.End != "5" || report.Start != "5" {
			t.Errorf("strict %v: %v, %+v", strict, err, report)
		}
		if _, err := m.UpTo(t.Context(), 5); err != nil {
			t.Errorf("strict %v, up to where it is: %v", strict, err)
		}
		if _, err := m.DownTo(t.Context(), 5); err != nil {
			t.Errorf("strict %v, down to where it is: %v", strict, err)
		}
		p, err := m.Plan(t.Context(), fastmigrate.Goal{})
		if err != nil || !p.Empty() {
			t.Errorf("plan: %v, %v", p, err)
		}
		if _, err := m.Execute(t.Context(), p); err != nil {
			t.Errorf("strict %v, an empty plan: %v", strict, err)
		}
		b.Close()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(before) != string(after) || !info.ModTime().Equal(old) {
			t.Errorf("the file was written to (mtime %v)", info.ModTime())
		}
		nothingBeside(t, path)
	}
}

// A strict run that has nothing to apply still fails for what it finds.
func TestNothingPendingStrict(t *testing.T) {
	path := newFile(t)
	f := five(mended)
	mustUp(t, path, f)
	f["0002-b.sql"] = "SELECT 'edited';"
	b := sqlitefile.Open(path)
	defer b.Close()
	_, err := upOn(t.Context(), t, b, f, fastmigrate.Options{Strict: true})
	wantError(t, err, migration.ErrStrict, "0002-b.sql")
	report, err := upOn(t.Context(), t, b, f, fastmigrate.Options{})
	if err != nil || len(report.Findings) != 0 {
		t.Errorf("files are read where nothing is pending: %v, %v", report.Findings, err)
	}
	f["0006-f.sql"] = "SELECT 1;"
	report, err = upOn(t.Context(), t, b, f, fastmigrate.Options{})
	if err != nil || codes(report.Findings) != "edited" {
		t.Errorf("findings: %v, %v", report.Findings, err)
	}
}

// Something that was begun and never ended is not passed over because its file
// is gone and nothing seems to be pending.
func TestNothingPendingButBegun(t *testing.T) {
	path := newFile(t)
	mustUp(t, path, files{"0001-a.sql": "CREATE TABLE log (n)"})
	_, err := up(t, path, files{"0001-a.sql": "CREATE TABLE log (n)", "0002-b.sql": "BEGIN; CREATE TABLE x (a); COMMIT; BEGIN; FAIL; COMMIT;"})
	wantError(t, err, nil, "FAIL")
	_, err = up(t, path, files{"0001-a.sql": "CREATE TABLE log (n)"})
	wantError(t, err, migration.ErrUnfinished, "0002-b.sql")
}
