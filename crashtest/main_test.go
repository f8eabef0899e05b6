//go:build linux

// Package crashtest kills, starves and disturbs whole processes that migrate a
// SQLite database, and looks at what is left of it.
//
// The promise under test is the project's first: killed at any instant, the
// database stands at a version whose SQL migrations are applied once, whole,
// and no other, and the next run ends where an undisturbed one would have.
//
// The test binary runs itself as the process that is disturbed (see order). The
// folder testdata/folder holds one migration of each sort; each says in the
// table log that it was applied, so that one applied twice or by half shows.
package crashtest

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func init() {
	if os.Getenv(orderVariable) != "" {
		// All system calls of the run are made by the main thread, so that
		// strace can number them.
		runtime.LockOSThread()
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(orderVariable) != "" {
		os.Exit(carryOut())
	}
	os.Exit(m.Run())
}

// full says that every kill point is to be tried, whatever the time it takes.
func full() bool { return os.Getenv("FASTMIGRATE_CRASH_FULL") == "1" }

// need returns the path of a program that the tests can't do without.
func need(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is needed, run `make deps`: %v", program, err)
	}
	return path
}

// python returns the interpreter itself, past whatever wrapper is on the PATH.
var python = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("python3", "-c", "import sqlite3, sys; print(sys.executable)").Output()
	return strings.TrimSpace(string(out)), err
})

func needPython(t *testing.T) string {
	t.Helper()
	path, err := python()
	if err != nil {
		t.Fatalf("python3 with its module sqlite3 is needed, run `make deps`: %v", err)
	}
	return path
}

// scratch returns a folder that lies in memory where the system has one. A
// killed process leaves to the kernel what it wrote, wherever the file lies;
// waiting for a disk would add nothing.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "fastmigrate")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
