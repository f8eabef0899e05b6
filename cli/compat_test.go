package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// systemPython is the interpreter that the scripts of the tests run with, and
// whose sqlite3 module plays the other program: it has an engine and locks of
// its own.
const systemPython = "/usr/bin/python3"

// TestCompat plays sessions with the five executables, a folder of scripts for
// the lines of shared/spec/fastmigrate.md.
func TestCompat(t *testing.T) {
	if _, err := os.Stat(systemPython); err != nil {
		t.Fatalf("the tests need %s (Debian: python3): %v", systemPython, err)
	}
	helpers, err := filepath.Abs("testdata/compat/helpers")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/compat",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("FASTMIGRATE_PYTHON", systemPython)
			e.Setenv("PY", systemPython)
			e.Setenv("HELPERS", helpers)
			e.Setenv("LONG", strings.Repeat("x", 300))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":  cmdCode,
			"sql":   cmdSQL,
			"mode":  cmdMode,
			"await": cmdAwait,
			"bytes": cmdBytes,
		},
	})
}

// cmdCode runs a program that must exit with just that code: code 2 PROGRAM …
func cmdCode(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if neg || code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// cmdSQL runs statements with Python's sqlite3 and has their rows on stdout:
// sql DB STATEMENT…
func cmdSQL(ts *testscript.TestScript, neg bool, args []string) {
	if err := ts.Exec(systemPython, append([]string{ts.Getenv("HELPERS") + "/sql.py"}, args...)...); (err != nil) != neg {
		ts.Fatalf("sql: %v", err)
	}
}

// cmdMode checks a file's permissions: mode 0600 FILE
func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); (got == args[0]) == neg {
		ts.Fatalf("%s has mode %s", args[1], got)
	}
}

// cmdAwait waits until a file is there, for what a process in the background
// is about to do, or until a pattern matches what is in it: await FILE [PATTERN]
func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && (len(args) < 2 || regexp.MustCompile(`(?m)`+args[1]).Match(text)) {
			return
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) || neg || time.Now().After(end) {
			ts.Fatalf("await %s: %v\n%s", args[0], err, text)
		}
	}
}

// cmdBytes writes a file with what an archive can't hold, as Go spells it:
// bytes FILE "SELECT 1;\x00"
func cmdBytes(ts *testscript.TestScript, neg bool, args []string) {
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(args[1], `"`, `\"`) + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}
