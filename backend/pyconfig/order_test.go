package pyconfig_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// The hooks are called in the order that the guide gives, and no oftener.
func TestOrder(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a database.db")
	dir := folder(t, files{
		"config.py": config(t, "log"), "0001-a.sql": "\uFEFFone\r\ntwo\rthree",
		"0002-b.py": "import sys; open(sys.argv[1], 'a').write('b.py ' + sys.argv[1] + '\\n')", "0004-c.sh": `echo c.sh "$1" >>"$1"`, "0005-d.sql": "",
	})
	report := mustUp(t, dir, db)
	if report.Start != "0" || report.End != "5" {
		t.Errorf("from %s to %s", report.Start, report.End)
	}
	mustUp(t, dir, db)
	want := []string{
		"get_connection Path " + db, "ensure_meta_table", "get_version",
		`execute_sql 'one\ntwo\nthree'`, "set_version 1", "b.py " + db, "set_version 2", "c.sh " + db, "set_version 4", "execute_sql ''", "set_version 5",
		"close_connection",
		"get_connection Path " + db, "ensure_meta_table", "get_version", "close_connection",
	}
	if diff := cmp.Diff(want, lines(t, db)); diff != "" {
		t.Error(diff)
	}
}

// Those that were applied before one that fails stay, and the connection is
// closed.
func TestOrderWhenOneFails(t *testing.T) {
	db := filepath.Join(t.TempDir(), "db")
	dir := folder(t, files{"config.py": config(t, "log"), "0001-a.sql": "a", "0002-b.sql": "do raise ValueError('no such thing')", "0003-c.sql": "c"})
	report, err := up(t.Context(), t, dir, db, pyconfig.Options{})
	wantError(t, err, nil, "0002-b.sql: execute_sql raised ValueError: no such thing")
	if len(report.Applied) != 1 || report.Failed == nil || report.Failed.File() != "0002-b.sql" || report.End != "1" {
		t.Errorf("report: %+v", report)
	}
	write(t, dir, files{"0002-b.sql": "b"})
	if report := mustUp(t, dir, db); report.Start != "1" || report.End != "3" {
		t.Errorf("then from %s to %s", report.Start, report.End)
	}
	want := []string{
		"get_connection Path " + db, "ensure_meta_table", "get_version", "execute_sql 'a'", "set_version 1",
		`execute_sql "do raise ValueError('no such thing')"`, "close_connection",
		"get_connection Path " + db, "ensure_meta_table", "get_version", "execute_sql 'b'", "set_version 2", "execute_sql 'c'", "set_version 3", "close_connection",
	}
	if diff := cmp.Diff(want, lines(t, db)); diff != "" {
		t.Error(diff)
	}
}

// Whichever hook raises, the connection is closed, unless there is none.
func TestOrderWhenAHookRaises(t *testing.T) {
	for hook, want := range map[string][]string{
		"get_connection":    {""},
		"ensure_meta_table": {"get_connection", "close_connection"},
		"get_version":       {"get_connection", "ensure_meta_table", "close_connection"},
		"execute_sql":       {"get_connection", "ensure_meta_table", "get_version", "close_connection"},
		"set_version":       {"get_connection", "ensure_meta_table", "get_version", "execute_sql", "close_connection"},
		"close_connection":  {"get_connection", "ensure_meta_table", "get_version", "execute_sql", "set_version"},
	} {
		t.Run(hook, func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "db")
			dir := folder(t, files{"0001-a.sql": "a", "config.py": tracing + hook + " = broken\n"})
			_, err := up(t.Context(), t, dir, db, pyconfig.Options{})
			wantError(t, err, nil, hook+" raised RuntimeError: broken here")
			if diff := cmp.Diff(want, lines(t, db)); diff != "" {
				t.Error(diff)
			}
			var traced interface{ Traceback() string }
			if !errors.As(err, &traced) || !contains(traced.Traceback(), "Traceback", filepath.Join(dir, "config.py"), "in broken", "and more") || contains(traced.Traceback(), "<fastmigrate>") {
				t.Errorf("traceback: %v", traced)
			}
		})
	}
}

// tracing is a config.py whose hooks write their names down.
const tracing = `
def note(name, db):
    with open(db, "a") as f: print(name, file=f)
def broken(*args): raise RuntimeError("broken here\nand more")
def get_connection(db): note("get_connection", db); return db
def ensure_meta_table(conn): note("ensure_meta_table", conn)
def get_version(conn): note("get_version", conn); return 0
def execute_sql(conn, sql): note("execute_sql", conn)
def set_version(conn, version): note("set_version", conn)
def close_connection(conn): note("close_connection", conn)
`

// get_connection is given a path object for a path, and all else as it is
// written.
func TestWhatGetConnectionIsGiven(t *testing.T) {
	t.Chdir(t.TempDir())
	dir := folder(t, files{"config.py": tracing + "def get_connection(db): print(type(db).__name__, db, file=open('given', 'w')); return '/dev/null'\n"})
	for db, want := range map[string]string{
		"data/app.db":                        "PosixPath data/app.db",
		"/tmp/a b.db":                        "PosixPath /tmp/a b.db",
		":memory:":                           "PosixPath :memory:",
		"postgres://me:s@host/db?x=1":        "str postgres://me:s@host/db?x=1",
		"postgresql+asyncpg:///x?host=/a//b": "str postgresql+asyncpg:///x?host=/a//b",
		"file:x.db?mode=ro":                  "str file:x.db?mode=ro",
		"host=/run//pg dbname=x":             "str host=/run//pg dbname=x",
		"duckdb:":                            "str duckdb:",
		"./x.db":                             "PosixPath x.db",
	} {
		if _, err := up(t.Context(), t, dir, db, pyconfig.Options{}); err != nil {
			t.Fatal(err)
		}
		if got := lines(t, "given")[0]; got != want {
			t.Errorf("%s is given as %s, want %s", db, got, want)
		}
	}
}

// A backend that is kept looks at the version whenever it matters, and lets
// others in between.
func TestNotExclusive(t *testing.T) {
	db := filepath.Join(t.TempDir(), "db")
	dir := folder(t, files{"config.py": config(t, "log"), "0001-a.sql": "a", "0002-b.sql": "b"})
	b, err := pyconfig.Open(t.Context(), dir, db, pyconfig.Options{Python: python})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if path, why := b.Interpreter(); path != python || why == "" {
		t.Errorf("%s, %s", path, why)
	}
	if v, err := fastmigrate.Version(t.Context(), b); err != nil || v != 0 {
		t.Fatal(v, err)
	}
	mustUp(t, dir, db)
	if v, err := fastmigrate.Version(t.Context(), b); err != nil || v != 2 {
		t.Error(v, err)
	}
	s, err := b.Session(t.Context(), backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(db), files{"db.version": "7"})
	if err := s.Mark(t.Context(), migration.Entry{From: "2", To: "1"}); !errors.Is(err, migration.ErrMoved) {
		t.Error(err)
	}
	if err := s.Mark(t.Context(), migration.Entry{From: "7", To: "1"}); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := fastmigrate.RunMigrations(t.Context(), b, source.Dir(dir)); err != nil {
		t.Error(err)
	}
	if v, err := fastmigrate.Version(t.Context(), b); err != nil || v != 2 {
		t.Error(v, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := b.State(t.Context()); err == nil {
		t.Error("it can be used when it is closed")
	}
}

func TestExists(t *testing.T) {
	dir := folder(t, nil)
	if pyconfig.Exists(dir) {
		t.Error("an empty folder has one")
	}
	if err := os.Mkdir(filepath.Join(dir, "config.py"), 0o755); err != nil {
		t.Fatal(err)
	}
	if pyconfig.Exists(dir) {
		t.Error("a folder is one")
	}
	if dir = folder(t, files{"config.py": ""}); !pyconfig.Exists(dir) {
		t.Error("it is not seen")
	}
}
