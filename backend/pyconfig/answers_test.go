package pyconfig_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
	"github.com/fastmigrate/fastmigrate/migration"
)

// None is success, and so is all that is true; any other falsy value is
// failure. What can be awaited is.
func TestWhatExecuteSQLReturns(t *testing.T) {
	for returned, fails := range map[string]bool{
		"None": false, "True": false, "1": false, "'text'": false, "[0]": false,
		"False": true, "0": true, "''": true, "[]": true,
		"later(None)": false, "later(False)": true, "Awaitable(True)": false, "Awaitable(0)": true,
		"asyncio.ensure_future(later(True))": false, "asyncio.get_running_loop().run_in_executor(None, len, '')": true,
	} {
		t.Run(returned, func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "db")
			dir := folder(t, files{"0001-a.sql": "a", "config.py": config(t, "log") + `
import asyncio
async def later(x):
    await asyncio.sleep(0)
    return x
class Awaitable:
    def __init__(self, x): self.x = x
    def __await__(self): return later(self.x).__await__()
def execute_sql(conn, sql): return ` + returned})
			report, err := up(t.Context(), t, dir, db, pyconfig.Options{})
			switch {
			case fails && (report.End != "0" || report.Failed == nil):
				t.Errorf("report: %+v", report)
			case fails:
				wantError(t, err, nil, "0001-a.sql: execute_sql returned ", "which means that it failed")
			case err != nil || report.End != "1":
				t.Errorf("%v, at %s", err, report.End)
			}
		})
	}
}

func TestWhatGetVersionReturns(t *testing.T) {
	dir := folder(t, nil)
	for returned, want := range map[string]migration.State{"3": "3", "'3'": "3", "3.7": "3", "True": "1", "__import__('decimal').Decimal(3)": "3"} {
		write(t, dir, files{"config.py": tracing + "async def get_version(conn): return " + returned})
		if report, err := up(t.Context(), t, dir, os.DevNull, pyconfig.Options{}); err != nil || report.Start != want {
			t.Errorf("%s: %s, %v", returned, report.Start, err)
		}
	}
	for returned, says := range map[string]string{
		"None": "get_version returned None, which is not a version", "'x'": "get_version returned 'x', ", "(1,)": "(1,)", "-1": "the version is -1", "float('nan')": "nan",
	} {
		write(t, dir, files{"config.py": tracing + "def get_version(conn): return " + returned})
		_, err := up(t.Context(), t, dir, os.DevNull, pyconfig.Options{})
		wantError(t, err, nil, says)
	}
}

// All hooks run in one task of one loop: what one enters another may leave.
func TestOneLoop(t *testing.T) {
	dir := folder(t, files{"0001-a.sql": "a", "config.py": `
import asyncio, contextvars, os
seen = contextvars.ContextVar("seen")
where = []
def here(): where.append((os.getpid(), asyncio.get_running_loop(), asyncio.current_task()))
async def get_connection(db):
    here()
    seen.set("by all")
    asyncio.get_running_loop().call_soon(where.append, where[0])
    return db
def ensure_meta_table(conn): here()
async def get_version(conn): here(); return 0
def execute_sql(conn, sql): here(); return seen.get() == "by all"
async def set_version(conn, version): here()
async def close_connection(conn):
    here()
    await asyncio.sleep(0)
    if len(where) != 7 or len(set(where)) != 1: raise Exception(repr(where))
`})
	mustUp(t, dir, "x")
}

// The hooks have standard input and output to themselves.
func TestStreams(t *testing.T) {
	temp := t.TempDir()
	write(t, temp, files{"in": "first\nsecond\n"})
	in, err := os.Open(filepath.Join(temp, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(filepath.Join(temp, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	dir := folder(t, files{"0001-a.sql": "do print('{\"version\": 7}', input()); os.write(1, b'\\xff\\n'); os.system('cat; echo child >&2')", "config.py": config(t, "log") + "print('loaded')\n"})
	db := filepath.Join(temp, "db")
	report, err := up(t.Context(), t, dir, db, pyconfig.Options{Stdin: in, Stdout: out, Stderr: out})
	if err != nil || report.End != "1" {
		t.Fatal(err, report)
	}
	text, err := os.ReadFile(out.Name())
	if got := string(text); err != nil || !contains(got, "loaded\n", "{\"version\": 7} first\n", "\xff\n", "child\n") {
		t.Errorf("printed %q", got)
	}
}

// Nothing of ours is seen by config.py, and nothing is written beside it.
func TestSurroundings(t *testing.T) {
	dir := folder(t, files{"json2.py": "raise Exception('beside config.py')", "0001-a.sql": "a", "config.py": tracing + `
import os, sys
assert __file__ == os.path.abspath(__file__) and os.path.basename(__file__) == "config.py"
here = os.path.dirname(__file__)
assert not [p for p in sys.path if p in ("", ".", os.getcwd(), here)], sys.path
assert __name__ not in sys.modules and "config" not in sys.modules, __name__
assert not [m for m in sys.modules if "fastmigrate" in m], list(sys.modules)
assert not [m for m in sys.modules.values() if getattr(m, "__file__", None) == __file__]
def execute_sql(conn, sql):
    assert os.environ["FOR_THE_HOOKS"] == "it's set"
    assert os.getcwd() == os.environ["CWD"]
    assert not [fd for fd in (3, 4) if os.get_inheritable(fd)]
    if os.path.exists("/proc/self/cmdline"): assert os.devnull not in open("/proc/self/cmdline").read()
`})
	work := t.TempDir()
	write(t, work, files{"asyncio.py": "raise Exception('in the working folder')", "inspect.py": "raise Exception('in the working folder')"})
	t.Chdir(work)
	work, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CWD", work)
	t.Setenv("FOR_THE_HOOKS", "it's set")
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	mustUp(t, dir, os.DevNull)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("%v, %v", entries, err)
	}
	// The same from a folder that is named by a relative path.
	t.Chdir(filepath.Dir(dir))
	t.Setenv("CWD", filepath.Dir(dir))
	mustUp(t, filepath.Base(dir), os.DevNull)
}

// A script of 50 MB goes through, with what is in it.
func TestLargeScript(t *testing.T) {
	line := "-- it's \"ü\" \\ % \U0001F600 \u2028 \x01\n"
	text := strings.Repeat(line, 50<<20/len(line))
	dir := folder(t, files{"0001-large.sql": "\uFEFF" + strings.ReplaceAll(text, "\n", "\r\n"), "config.py": tracing + `
def execute_sql(conn, sql):
    line = "-- it's \"ü\" \\ % \U0001F600 \u2028 \x01\n"
    assert sql == line * (50 * 2**20 // len(line.encode()))
`})
	if report := mustUp(t, dir, os.DevNull); report.End != "1" {
		t.Error(report.End)
	}
}

// What is no text is refused before anything runs, with its line.
func TestNoText(t *testing.T) {
	for text, says := range map[string]string{
		"ok\nok \xff":        "0002-b.sql:2: is not valid UTF-8",
		"ok\nok\n\x00":       "0002-b.sql:3: contains a NUL byte",
		"ends with \xe2\x82": "0002-b.sql:1: is not valid UTF-8",
	} {
		db := filepath.Join(t.TempDir(), "db")
		dir := folder(t, files{"config.py": config(t, "log"), "0001-a.sql": "fine: ü €", "0002-b.sql": text})
		_, err := up(t.Context(), t, dir, db, pyconfig.Options{})
		wantError(t, err, migration.ErrRefused, says)
		if got := lines(t, db); len(got) != 4 || got[3] != "close_connection" {
			t.Errorf("hooks: %q", got)
		}
	}
}
