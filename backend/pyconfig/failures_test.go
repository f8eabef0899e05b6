package pyconfig_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
)

// What is wrong with config.py itself is said when it is opened.
func TestOpenFails(t *testing.T) {
	all := "def get_connection(db): 0\ndef ensure_meta_table(c): 0\ndef get_version(c): 0\ndef execute_sql(c, s): 0\ndef set_version(c, v): 0\n"
	for text, says := range map[string]string{
		"": "config.py is missing required function(s): get_connection, ensure_meta_table, get_version, execute_sql, set_version",
		"def get_version(c): 0\ndef set_version(c, v): 0": "config.py is missing required function(s): get_connection, ensure_meta_table, execute_sql",
		all + "get_version = 3":                           "config.py function 'get_version' is not callable",
		all + "close_connection = 'x'":                    "config.py function 'close_connection' is not callable",
		"import os\n\ndef f(:\n":                          "config.py:3: SyntaxError: ",
		"x = 1\nraise ValueError('no\\nway')":             "config.py:2: ValueError: no",
		"def f(): 1/0\n\nf()":                             "config.py:1: ZeroDivisionError: division by zero",
		"import no_such_package.deep":                     "config.py needs the Python package no_such_package, which " + python + " (as asked for) does not have",
		"\nimport no_such_package":                        python + " -m pip install no_such_package",
		"import beside":                                   "sys.path.insert(0, os.path.dirname(__file__))",
		"raise KeyboardInterrupt":                         "config.py:1: KeyboardInterrupt",
	} {
		dir := folder(t, files{"config.py": text, "beside.py": ""})
		b, err := pyconfig.Open(t.Context(), dir, "x", pyconfig.Options{Python: python})
		if err == nil {
			b.Close()
		}
		wantError(t, err, nil, says)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("more than a line: %q", err)
		}
	}
	// Names that a config.py may well have for itself are no hooks.
	dir := folder(t, files{"config.py": all + "close_connection = None\nfrom threading import Lock\nlock = Lock()\nunlock = 'x'\n"})
	b, err := pyconfig.Open(t.Context(), dir, "x", pyconfig.Options{Python: python})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestNoPython(t *testing.T) {
	dir := folder(t, files{"config.py": ""})
	script := func(text string) string {
		path := filepath.Join(t.TempDir(), "interpreter")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, says := range map[string]string{
		"/nowhere/python": "/nowhere/python",
		"/bin/true":       "/bin/true (as asked for), which runs config.py, has ended: exit status 0",
		script(`echo '{"protocol": 1, "version": [2, 7]}' >&4; cat <&3`): "config.py needs Python 3.8 or newer, and ",
		script(`kill -SEGV $$`): "signal: segmentation fault",
	} {
		_, err := pyconfig.Open(t.Context(), dir, "x", pyconfig.Options{Python: path})
		wantError(t, err, nil, says)
	}
	t.Setenv("PATH", t.TempDir())
	t.Chdir(t.TempDir())
	none := func(string) string { return "" }
	_, err := pyconfig.Open(t.Context(), dir, "x", pyconfig.Options{Getenv: none})
	wantError(t, err, nil, "config.py needs Python", "python3 and python on the PATH")
	named := func(name string) string { return map[string]string{"FASTMIGRATE_PYTHON": "/nowhere/python"}[name] }
	_, err = pyconfig.Open(t.Context(), dir, "x", pyconfig.Options{Getenv: named})
	wantError(t, err, nil, "$FASTMIGRATE_PYTHON")
}

// A package that is missed only when a hook is called is named as well.
func TestPackageMissingInAHook(t *testing.T) {
	dir := folder(t, files{"config.py": tracing + "def get_connection(db):\n  import no_such_driver\n"})
	_, err := up(t.Context(), t, dir, os.DevNull, pyconfig.Options{})
	wantError(t, err, nil, "config.py:", "needs the Python package no_such_driver", "-m pip install no_such_driver")
}

// sys.exit in a hook ends the run with its status, after the connection is
// closed.
func TestExit(t *testing.T) {
	for text, code := range map[string]int{
		"sys.exit(7)": 7, "sys.exit()": 0, "sys.exit(True)": 1, "sys.exit(300)": 44, "raise SystemExit('no more')": 1,
		"asyncio.get_running_loop().create_task(leave())": 9, // and the hook waits for something else
		"loop.call_soon(sys.exit, 11)":                    11,
	} {
		for _, how := range []string{"async def execute_sql", "def execute_sql"} {
			t.Run(how+" "+text, func(t *testing.T) {
				db := filepath.Join(t.TempDir(), "db")
				dir := folder(t, files{"0001-a.sql": "a", "config.py": config(t, "log") + "\nimport asyncio, sys\nasync def leave(): sys.exit(9)\n" + how + "(conn, sql):\n" +
					"    loop = asyncio.get_running_loop()\n    " + text + "\n    return asyncio.sleep(600)\n" + strings.Repeat("    await asyncio.sleep(600)\n", strings.Count(how, "async"))})
				out := quietly(t)
				report, err := up(t.Context(), t, dir, db, pyconfig.Options{Stderr: out})
				var exit interface{ ExitCode() int }
				if !errors.As(err, &exit) || exit.ExitCode() != code || report.End != "0" {
					t.Errorf("%v, at %s", err, report.End)
				}
				if got := lines(t, db); got[len(got)-1] != "close_connection" {
					t.Errorf("hooks: %q", got)
				}
				if strings.Contains(text, "no more") {
					if diff := cmp.Diff([]string{"no more"}, lines(t, out.Name())); diff != "" {
						t.Error(diff)
					}
				}
			})
		}
	}
	dir := folder(t, files{"config.py": "import sys; sys.exit(7)"})
	_, err := pyconfig.Open(t.Context(), dir, "x", pyconfig.Options{Python: python})
	var exit interface{ ExitCode() int }
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Error(err)
	}
}

// quietly returns a file for what the hooks print.
func quietly(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "printed"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// A hook that takes Python down with it is told as what it is.
func TestPythonEnds(t *testing.T) {
	for text, says := range map[string]string{
		"os._exit(3)":             "has ended: exit status 3",
		"os.kill(os.getpid(), 9)": "has ended: signal: killed",
		"__import__('resource').setrlimit(4, (0, 0)) or os.abort()": "has ended: signal: aborted",
	} {
		db := filepath.Join(t.TempDir(), "db")
		dir := folder(t, files{"config.py": config(t, "log"), "0001-a.sql": "do " + text})
		_, err := up(t.Context(), t, dir, db, pyconfig.Options{})
		wantError(t, err, nil, "0001-a.sql: ", python, says)
	}
}
