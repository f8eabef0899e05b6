//go:build unix

package script

import (
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// held returns a file for children to inherit, and a function that tells, once
// the caller has closed the file, whether any process still holds it.
func held(t *testing.T) (alive func() bool, inherit *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return func() bool {
		poll := []unix.PollFd{{Fd: int32(r.Fd()), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, 0); err != nil {
			t.Fatal(err)
		}
		return poll[0].Revents&unix.POLLHUP == 0
	}, w
}

// running tells whether the process exists.
func running(t *testing.T, pid string) bool {
	t.Helper()
	return unix.Kill(number(t, pid), 0) == nil
}

func kill(t *testing.T, pid string) {
	t.Helper()
	if err := unix.Kill(number(t, pid), unix.SIGKILL); err != nil {
		t.Errorf("kill %s: %v", pid, err)
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil || n < 2 {
		t.Fatalf("%q is no process id", text)
	}
	return n
}

// overwrite replaces what the file holds.
func overwrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Error(err)
	}
}

// eventually waits until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}
