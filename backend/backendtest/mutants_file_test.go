package backendtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// fileHarness is one of SQLite files, for the promises to other processes.
func fileHarness() Harness {
	return Harness{
		New: func(t testing.TB) string { return filepath.Join(t.TempDir(), "app.db") },
		Exec: func(t testing.TB, d Database, script string) {
			if err := execFile(d.Address, script); err != nil {
				t.Fatal(err)
			}
		},
		Rows: func(t testing.TB, d Database, table string) (numbers []int, there bool) {
			b := openFile(d.Address)
			defer b.Close()
			db, err := b.DB()
			if err != nil {
				t.Fatal(err)
			}
			rows, err := db.Query("SELECT n FROM " + table)
			if err != nil {
				return nil, false
			}
			defer rows.Close()
			for rows.Next() {
				var n int
				if err := rows.Scan(&n); err != nil {
					t.Fatal(err)
				}
				numbers = append(numbers, n)
			}
			return numbers, true
		},
	}
}

func openFile(path string) *sqlite.Backend { return sqlitefile.Open(path) }

// execFile executes a script on a database file, which it makes if need be.
func execFile(path, script string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return err
	}
	b := openFile(path)
	defer b.Close()
	db, err := b.DB()
	if err == nil {
		_, err = db.Exec(script)
	}
	return err
}

// fileChange is what a mutant of a SQLite file does otherwise.
type fileChange struct {
	session func(path string) error // before a session
	close   func(path string) error // after it
	apply   func(path string, s backend.Session, ctx context.Context, w backend.Work) (backend.Result, error)
	begin   func(path string, s backend.Session, ctx context.Context, w backend.Work) (backend.Launch, error)
	end     func(s backend.Session, ctx context.Context, w backend.Work, failure error) (backend.Result, error)
	copy    func(file string)
	draft   func([]byte) []byte
	verify  []migration.Finding
	group   func(path string, s backend.Session, ctx context.Context, works []backend.Work) ([]backend.Result, error) // with another book
}

// fileMutant is a backend with a change.
type fileMutant struct {
	*sqlite.Backend
	path   string
	change *fileChange
}

func (b *fileMutant) Groups() bool { return false }

func (b *fileMutant) Copy(ctx context.Context, file string) error {
	if b.change.copy != nil {
		b.change.copy(file)
	}
	return b.Backend.Copy(ctx, file)
}

func (b *fileMutant) Draft(ctx context.Context) ([]byte, error) {
	text, err := b.Backend.Draft(ctx)
	if b.change.draft != nil {
		text = b.change.draft(text)
	}
	return text, err
}

func (b *fileMutant) Verify(ctx context.Context) ([]migration.Finding, error) {
	found, err := b.Backend.Verify(ctx)
	return append(found, b.change.verify...), err
}

func (b *fileMutant) Session(ctx context.Context, o backend.SessionOptions) (backend.Session, error) {
	if b.change.session != nil {
		if err := b.change.session(b.path); err != nil {
			return nil, err
		}
	}
	s, err := b.Backend.Session(ctx, o)
	if err != nil {
		return nil, err
	}
	return &fileMutantSession{s, b}, nil
}

// fileMutantSession is a session with a change.
type fileMutantSession struct {
	backend.Session
	of *fileMutant
}

func (s *fileMutantSession) Close() error {
	err := s.Session.Close()
	if s.of.change.close != nil {
		err = errors.Join(err, s.of.change.close(s.of.path))
	}
	return err
}

func (s *fileMutantSession) Apply(ctx context.Context, w backend.Work) (backend.Result, error) {
	if s.of.change.apply != nil {
		return s.of.change.apply(s.of.path, s.Session, ctx, w)
	}
	return s.Session.Apply(ctx, w)
}

func (s *fileMutantSession) Begin(ctx context.Context, w backend.Work) (backend.Launch, error) {
	if s.of.change.begin != nil {
		return s.of.change.begin(s.of.path, s.Session, ctx, w)
	}
	return s.Session.Begin(ctx, w)
}

func (s *fileMutantSession) End(ctx context.Context, w backend.Work, failure error) (backend.Result, error) {
	if s.of.change.end != nil {
		return s.of.change.end(s.Session, ctx, w, failure)
	}
	return s.Session.End(ctx, w, failure)
}

// fileMutants are the mutants of a SQLite file.
func fileMutants() []mutant {
	m := func(subtest, breaks string, c fileChange) mutant {
		return mutant{subtest: subtest, breaks: breaks, file: &c}
	}
	lockFile := func(path string) string { return path + ".fastmigrate-lock" }
	forgetLock := func(path string) error { _ = os.Remove(lockFile(path)); return nil }
	held := func(path string) string { return path + ".held" }
	return []mutant{
		m("two processes", "no lock", fileChange{session: forgetLock}),
		m("killed holder", "the lock outlives it", fileChange{
			session: func(path string) error {
				if _, err := os.Stat(held(path)); err == nil {
					return migration.ErrBusyRun
				}
				return os.WriteFile(held(path), nil, 0o666)
			},
			close: func(path string) error { return os.Remove(held(path)) },
		}),
		m("killed midway", "no transaction", fileChange{apply: func(path string, s backend.Session, ctx context.Context, w backend.Work) (backend.Result, error) {
			_, _, err := stream(w.Step.Body().(*migration.SQL), func(statement string, _ int) error { return execFile(path, statement) })
			if err != nil {
				return backend.Result{}, err
			}
			w.Entry.Status = migration.Applied
			return backend.Result{}, s.Mark(ctx, w.Entry)
		}}),
		m("programs", "failures are taken for done", fileChange{end: func(s backend.Session, ctx context.Context, w backend.Work, _ error) (backend.Result, error) {
			return s.End(ctx, w, nil)
		}}),
		m("programs", "the database is not told", fileChange{begin: func(_ string, s backend.Session, ctx context.Context, w backend.Work) (backend.Launch, error) {
			launch, err := s.Begin(ctx, w)
			launch.Argument = ""
			return launch, err
		}}),
		m("program left behind", "not recorded", fileChange{begin: func(string, backend.Session, context.Context, backend.Work) (backend.Launch, error) {
			return backend.Launch{Argument: "x"}, nil
		}}),
		m("program left behind", "no lock meanwhile", fileChange{begin: func(path string, s backend.Session, ctx context.Context, w backend.Work) (backend.Launch, error) {
			launch, err := s.Begin(ctx, w)
			return launch, errors.Join(err, forgetLock(path))
		}}),
		m("program left behind", "no compare at the end", fileChange{end: func(s backend.Session, ctx context.Context, w backend.Work, failure error) (backend.Result, error) {
			result, err := s.End(ctx, w, failure)
			if errors.Is(err, migration.ErrMoved) {
				err = nil
			}
			return result, err
		}}),
		m("draft", "a table is left out", fileChange{draft: func([]byte) []byte { return []byte("CREATE TABLE old (n INTEGER);\n") }}),
		m("copy", "writes over what is there", fileChange{copy: func(file string) { _ = os.Remove(file) }}),
		m("verify", "false alarm", fileChange{verify: []migration.Finding{{Message: "it looks odd"}}}),
	}
}

// mutants are all that the suite must notice.
func mutants() []mutant { return slices.Concat(memoryMutants(), fileMutants(), keptMutants()) }
