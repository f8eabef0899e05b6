//go:build unix

package pyhost

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asParent names the config.py of a host that the test binary starts instead of
// testing, when it is started again by a test.
const asParent = "FASTMIGRATE_TEST_PARENT"

func TestMain(m *testing.M) {
	if path := os.Getenv(asParent); path != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		h, err := Start(ctx, Options{Config: path, Python: python})
		if err == nil {
			_, err = h.Call(ctx, Call{Hook: "get_connection"})
		}
		fmt.Println(err)
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		fmt.Printf("parent got %q\n", line)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// python is one that is there; no package is needed.
const python = "python3"

const hooks = `
import asyncio, os, signal, sys, time
def get_connection(db): return db
def ensure_meta_table(conn): pass
def get_version(conn): return 3
def execute_sql(conn, sql): return len(sql)
def set_version(conn, version): pass
`

// write writes a config.py.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.py")
	if err := os.WriteFile(path, []byte(hooks+text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// start starts a host that is closed when the test ends.
func start(t *testing.T, text string) *Host {
	t.Helper()
	h, err := Start(t.Context(), Options{Config: write(t, text), Python: python, Grace: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// cancelled calls a hook and cancels that once the hook has written a line.
func cancelled(t *testing.T, h *Host, hook string, in *os.File) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		_, _ = bufio.NewReader(in).ReadString('\n')
		cancel()
	}()
	_, err := h.Call(ctx, Call{Hook: hook})
	return err
}

// fifo returns the end of a named pipe to be read from, and its path.
func fifo(t *testing.T) (*os.File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, path
}

// A host that heeds SIGTERM goes on; one that does not is killed.
func TestStop(t *testing.T) {
	in, path := fifo(t)
	h := start(t, `
def say(): print("here", file=open(`+strconv.Quote(path)+`, "w", buffering=1))
def ensure_meta_table(conn): say(); time.sleep(600)
def get_connection(db):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}); say(); time.sleep(600)
`)
	if err := cancelled(t, h, "ensure_meta_table", in); !errors.Is(err, context.Canceled) || h.Ended() {
		t.Errorf("%v, ended: %v", err, h.Ended())
	}
	if v, err := h.Call(t.Context(), Call{Hook: "get_version"}); err != nil || v.Version != 3 {
		t.Errorf("after that: %v, %v", v, err)
	}
	if err := cancelled(t, h, "get_connection", in); !errors.Is(err, context.Canceled) || !h.Ended() {
		t.Errorf("%v, ended: %v", err, h.Ended())
	}
	if _, err := h.Call(t.Context(), Call{Hook: "get_version"}); err == nil || !strings.Contains(err.Error(), "has ended: signal: killed") {
		t.Errorf("after that: %v", err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(done, Options{Config: path, Python: python}); !errors.Is(err, context.Canceled) {
		t.Errorf("start with a context that is done: %v", err)
	}
}

// A signal that comes when no hook runs, or from somebody else, ends no more
// than the hook.
func TestSignals(t *testing.T) {
	h := start(t, "def get_connection(db): os.kill(os.getpid(), signal.SIGINT); time.sleep(600)\ndef ensure_meta_table(conn): os.kill(os.getpid(), signal.SIGTERM); time.sleep(600)\n")
	terminate(h.cmd.Process)
	for hook, says := range map[string]string{"get_connection": "interrupted", "ensure_meta_table": "terminated"} {
		if _, err := h.Call(t.Context(), Call{Hook: hook}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", hook, err)
		}
	}
	if v, err := h.Call(t.Context(), Call{Hook: "get_version"}); err != nil || v.Version != 3 {
		t.Errorf("after that: %v, %v", v, err)
	}
}

// A host whose owner is gone closes the connection and ends.
func TestHungUp(t *testing.T) {
	in, path := fifo(t)
	h := start(t, "async def ensure_meta_table(conn): say('here'); await asyncio.sleep(600)\ndef close_connection(conn): say('closed ' + str(conn))\n"+
		"def say(what): print(what, file=open("+strconv.Quote(path)+", 'w', buffering=1))\n")
	if _, err := h.Call(t.Context(), Call{Hook: "get_connection"}); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(in)
	go h.Call(context.Background(), Call{Hook: "ensure_meta_table"})
	if line, err := lines.ReadString('\n'); err != nil || line != "here\n" {
		t.Fatal(line, err)
	}
	if err := h.wire.hangUp(); err != nil {
		t.Fatal(err)
	}
	if line, err := lines.ReadString('\n'); err != nil || line != "closed \n" {
		t.Error(line, err)
	}
	<-h.ended
}

// On Linux the host goes with the process that started it, whatever it is at.
func TestParentKilled(t *testing.T) {
	config := write(t, "def get_connection(db): print(os.getpid(), flush=True); time.sleep(600)\n")
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), asParent+"="+config)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	pid, _ := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid == 0 {
		t.Fatalf("%q, %v", line, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		_ = syscall.Kill(pid, syscall.SIGKILL) // as the package says
		return
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	t.Error("Python goes on")
}

// What is not an answer ends the host.
func TestGarbage(t *testing.T) {
	h := start(t, "def get_connection(db): os.write(4, b'hello\\n'); return db\n")
	if _, err := h.Call(t.Context(), Call{Hook: "get_connection"}); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Error(err)
	}
	if !h.Ended() {
		t.Error("it goes on")
	}
}

func TestErrors(t *testing.T) {
	for want, err := range map[string]error{
		"execute_sql raised OperationalError: no such table": &HookError{Hook: "execute_sql", Type: "OperationalError", Message: "no such table\n[SQL: x]"},
		"get_version raised KeyboardInterrupt":               &HookError{Hook: "get_version", Type: "KeyboardInterrupt"},
		"SyntaxError: invalid syntax":                        &HookError{Type: "SyntaxError", Message: "invalid syntax"},
		"config.py is missing x":                             &HookError{Message: "config.py is missing x"},
		"set_version called sys.exit, with status 7":         &ExitError{Hook: "set_version", Code: 7},
		"config.py called sys.exit, with status 0":           &ExitError{},
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}
