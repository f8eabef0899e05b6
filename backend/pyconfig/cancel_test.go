//go:build unix

package pyconfig_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
)

// hanging is a config.py that says in a file that it hangs, and as which
// process.
const hanging = `
import asyncio, os, signal, subprocess, time
def hangs(pid=os.getpid()):
    with open(path + ".new", "w") as f: f.write(str(pid))
    os.rename(path + ".new", path)
`

// A hook that hangs is stopped when the run is, can roll back, and the
// connection is closed.
func TestCancel(t *testing.T) {
	for name, body := range map[string]string{
		"def":                   "    try:\n        hangs(); time.sleep(600)\n    finally: note(conn, 'rolled back')\n",
		"def that computes":     "    try:\n        hangs()\n        while True: pass\n    finally: note(conn, 'rolled back')\n",
		"def with a child":      "    try:\n        child = subprocess.Popen(['sleep', '600']); hangs(child.pid); child.wait(); time.sleep(600)\n    finally: note(conn, 'rolled back')\n",
		"async":                 "    try:\n        hangs(); await asyncio.sleep(600)\n    finally: note(conn, 'rolled back')\n",
		"async that computes":   "    try:\n        await asyncio.sleep(0); hangs()\n        while True: pass\n    finally: note(conn, 'rolled back')\n",
		"async in many tasks":   "    async def one(): await asyncio.sleep(600)\n    try:\n        hangs(); await asyncio.gather(one(), one())\n    finally: note(conn, 'rolled back')\n",
		"async that takes time": "    try:\n        hangs(); await asyncio.sleep(600)\n    finally:\n        await asyncio.sleep(.2); note(conn, 'rolled back')\n",
	} {
		t.Run(name, func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "db")
			def := "\ndef execute_sql(conn, sql):\n"
			if strings.HasPrefix(name, "async") {
				def = "\nasync def execute_sql(conn, sql):\n"
			}
			path := filepath.Join(t.TempDir(), "hangs")
			dir := folder(t, files{"0001-a.sql": "a", "0002-b.sql": "b", "config.py": config(t, "log") + "path = " + strconv.Quote(path) + hanging + def + body + `
def close_connection(conn): note(conn, "close_connection", *["cancelled"] * getattr(asyncio.current_task(), "cancelling", int)())
`})
			pid := cancelled(t, dir, db, path)
			got := lines(t, db)
			if want := "get_version,rolled back,close_connection"; !strings.HasSuffix(strings.Join(got, ","), want) {
				t.Errorf("hooks: %q, want %s", got, want)
			}
			gone(t, pid)
		})
	}
}

// cancelled runs the migrations, stops that when a hook hangs, and returns which
// process says so.
func cancelled(t *testing.T, dir, db, path string) (pid int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := up(ctx, t, dir, db, pyconfig.Options{})
		ended <- err
	}()
	for pid == 0 {
		select {
		case err := <-ended:
			t.Fatalf("it did not hang: %v", err)
		case <-time.After(10 * time.Millisecond):
			text, _ := os.ReadFile(path)
			pid, _ = strconv.Atoi(string(text))
		}
	}
	cancel()
	wantError(t, <-ended, context.Canceled)
	return pid
}

// gone checks that a process has ended. Those that are not ours may take a
// moment until somebody has reaped them.
func gone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
	}
	t.Errorf("process %d goes on", pid)
}

// Wherever it hangs, it can be stopped.
func TestCancelAnywhere(t *testing.T) {
	for name, text := range map[string]string{
		"loading":           "hangs(); time.sleep(600)",
		"get_connection":    "def get_connection(db): hangs(); time.sleep(600)",
		"ensure_meta_table": "async def ensure_meta_table(conn): hangs(); await asyncio.sleep(600)",
		"get_version":       "async def get_version(conn): hangs(); await asyncio.sleep(600)",
		"lock":              "def unlock(conn): 0\ndef lock(conn): hangs(); return False",
		"a lock that waits": "def unlock(conn): 0\nasync def lock(conn): hangs(); await asyncio.sleep(600)",
		"set_version":       "def set_version(conn, version): hangs(); time.sleep(600)",
		"close_connection":  "async def close_connection(conn): hangs(); await asyncio.sleep(600)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "hangs")
			dir := folder(t, files{"0001-a.sql": "a", "config.py": tracing + "path = " + strconv.Quote(path) + hanging + text})
			gone(t, cancelled(t, dir, filepath.Join(t.TempDir(), "db"), path))
		})
	}
}

// A child that a hook leaves behind keeps nobody waiting.
func TestFork(t *testing.T) {
	for name, text := range map[string]string{
		"fork":              "pid = os.fork()\n    if pid == 0: look(); time.sleep(600)\n    hangs(pid); os.waitpid(pid, os.WNOHANG)",
		"fork in a library": "import ctypes; pid = ctypes.CDLL(None).fork()\n    if pid == 0: ctypes.CDLL(None).sleep(600); os._exit(0)\n    hangs(pid)",
		"daemon":            "hangs(subprocess.Popen(['sleep', '600'], close_fds=False, start_new_session=True).pid)",
		"multiprocessing":   "import multiprocessing; p = multiprocessing.get_context('fork').Process(target=time.sleep, args=(600,), daemon=False); p.start(); hangs(p.pid); multiprocessing.process._children.clear()",
		"fork that returns": "pid = os.fork()\n    if pid: hangs(pid); os.waitpid(pid, 0)\n    else: look()",
		"fork that raises":  "pid = os.fork()\n    if pid: hangs(pid); os.waitpid(pid, 0)\n    else: raise Exception('in the child')",
	} {
		t.Run(name, func(t *testing.T) {
			path, db := filepath.Join(t.TempDir(), "hangs"), filepath.Join(t.TempDir(), "db")
			dir := folder(t, files{"0001-a.sql": "a", "0002-b.sql": "do pass", "config.py": config(t, "log") + "path = " + strconv.Quote(path) + hanging + `
first = execute_sql
def look():
    for fd in 3, 4:
        try: os.fstat(fd)
        except OSError: continue
        with open(path + ".open", "w"): pass
def execute_sql(conn, sql):
    if sql != "a": return first(conn, sql)
    ` + text})
			report, err := up(t.Context(), t, dir, db, pyconfig.Options{Stdout: quietly(t), Stderr: quietly(t)})
			if text, err := os.ReadFile(path); err == nil {
				pid, _ := strconv.Atoi(string(text))
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			if err != nil || report.End != "2" {
				t.Errorf("%v, at %s", err, report.End)
			}
			if _, err := os.Stat(path + ".open"); err == nil {
				t.Error("the child has our descriptors")
			}
			got := lines(t, db)
			if want := "set_version 1,execute_sql 'do pass',set_version 2,close_connection"; !strings.HasSuffix(strings.Join(got, ","), want) {
				t.Errorf("hooks: %q, want %s", got, want)
			}
		})
	}
}
