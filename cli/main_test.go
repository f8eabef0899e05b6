package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/connect"
)

// TestMain lets the test binary be the program, under all of its names.
func TestMain(m *testing.M) {
	open := func(ctx context.Context, t Target) (backend.Backend, error) {
		o := connect.Options{Exclusive: t.Run, Python: t.Python, Getenv: t.Getenv}
		o.SQLite.Alone = true
		return connect.OpenWith(ctx, t.Database, t.Migrations, o)
	}
	main := func() { os.Exit(Main(Config{Open: open})) }
	commands := map[string]func(){"fastmigrate": main}
	for name := range compatPrograms() {
		commands[name] = main
	}
	for name, program := range ownPrograms() {
		commands[name] = func() { os.Exit(Main(program)) }
	}
	testscript.Main(withServers{m}, commands)
}

// TestScripts plays sessions at a prompt, one or more for each verb.
func TestScripts(t *testing.T) {
	screen, err := filepath.Abs("testdata/screen.py")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("TESTSCRIPT_UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("FASTMIGRATE_PYTHON", systemPython)
			e.Setenv("PY", systemPython)
			e.Setenv("SCREEN", screen)
			e.Setenv("TZ", "UTC")
			e.Setenv("LONGNAME", strings.Repeat("x", 235)) // as a file's name too long with more behind it
			e.Values["environ"] = &e.Vars
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     cmdCode,
			"sql":       cmdRows,
			"mode":      cmdMode,
			"await":     cmdAwait,
			"json":      cmdJSON,
			"files":     cmdFiles,
			"interrupt": cmdInterrupt,
		},
	})
}

// cmdRows asks a database something with Python's sqlite3 and compares the
// answer, a line a row: sql DB QUERY WANT. Without WANT it only runs.
func cmdRows(ts *testscript.TestScript, neg bool, args []string) {
	const program = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for row in db.execute(sys.argv[2]):
    print(*row, sep="|")
`
	out, err := exec.Command(systemPython, "-c", program, ts.MkAbs(args[0]), args[1]).CombinedOutput()
	if err != nil {
		ts.Fatalf("sql: %v\n%s", err, out)
	}
	got := strings.ReplaceAll(strings.TrimSuffix(string(out), "\n"), "\n", " ")
	if len(args) > 2 && (got == args[2]) == neg {
		ts.Fatalf("%s: %s\n got: %s\nwant: %s", args[0], args[1], got, args[2])
	}
}

// cmdJSON checks that the standard output is one JSON object, and what some of
// its fields are: json PATH WANT PATH WANT … . A path is like steps.0.file; WANT
// is a regular expression for the whole value, or - where there is none.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile("stdout")
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		ts.Fatalf("no JSON object: %v\n%s", err, text)
	}
	if rest, _ := io.ReadAll(io.MultiReader(d.Buffered())); strings.TrimSpace(string(rest)) != "" {
		ts.Fatalf("more than one JSON object: %s", rest)
	}
	for pair := range slices.Chunk(args, 2) {
		got := "-"
		if value := at(object, strings.Split(pair[0], ".")); value != nil {
			got = fmt.Sprint(value)
		}
		if matched := regexp.MustCompile(`^(?s:` + pair[1] + `)$`).MatchString(got); matched == neg {
			ts.Fatalf("%s is %s, want %s", pair[0], got, pair[1])
		}
	}
}

// at returns what stands at a path, or nil.
func at(value any, path []string) any {
	for _, key := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if key == "length" {
				return len(v)
			}
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// cmdFiles checks which files match a pattern, no more and no less:
// files PATTERN NAME…
func cmdFiles(ts *testscript.TestScript, neg bool, args []string) {
	paths, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	want := slices.Sorted(slices.Values(args[1:]))
	if slices.Equal(names, want) == neg {
		ts.Fatalf("%s are %q, want %q", args[0], names, want)
	}
}

// cmdInterrupt runs a program, sends it signals once its standard error matches
// a pattern, and checks the code that it exits with. Two signals are sent half a
// second apart: interrupt INT[,INT] CODE PATTERN PROGRAM …
func cmdInterrupt(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	path, err := exec.LookPath(args[3])
	ts.Check(err)
	cmd := exec.Command(path, args[4:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), *ts.Value("environ").(*[]string)
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	stderr := &watcher{pattern: regexp.MustCompile(args[2]), seen: make(chan bool, 1)}
	cmd.Stderr = stderr
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-stderr.seen:
	case err := <-ended:
		ts.Fatalf("it ended too early: %v\n%s", err, stderr.text.String())
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Kill()
		ts.Fatalf("stderr never matched:\n%s", stderr.text.String())
	}
	for i, name := range strings.Split(args[0], ",") {
		if i > 0 {
			time.Sleep(500 * time.Millisecond)
		}
		time.Sleep(400 * time.Millisecond) // into the statement
		_ = cmd.Process.Signal(signals[name])
	}
	select {
	case err = <-ended:
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Kill()
		ts.Fatalf("it did not end on %s", args[0])
	}
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	fmt.Fprint(ts.Stdout(), stdout.String())
	fmt.Fprint(ts.Stderr(), stderr.text.String())
	if neg || code != want {
		ts.Fatalf("exit code %d, want %d\n%s", code, want, stderr.text.String())
	}
}

// watcher says when what is written to it matches.
type watcher struct {
	text    bytes.Buffer
	pattern *regexp.Regexp
	seen    chan bool
}

func (w *watcher) Write(b []byte) (int, error) {
	w.text.Write(b)
	if w.pattern.Match(w.text.Bytes()) {
		select {
		case w.seen <- true:
		default:
		}
	}
	return len(b), nil
}
