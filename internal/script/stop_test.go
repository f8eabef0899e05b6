//go:build unix

package script

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestCancelStopsTheGroup(t *testing.T) {
	tests := []struct {
		name   string
		text   string // prints "ready" once it can be stopped
		grace  time.Duration
		signal string
		stdout string
		atMost time.Duration
	}{
		{
			name:   "the child",
			text:   `echo ready; exec sleep 60`,
			grace:  30 * time.Second,
			signal: "SIGTERM", stdout: "ready\n", atMost: 10 * time.Second,
		},
		{
			name:   "a child that cleans up within the grace",
			text:   `trap 'sleep 0.3; echo rolled back; exit 0' TERM; echo ready; while :; do sleep 0.01; done`,
			grace:  30 * time.Second,
			stdout: "ready\nrolled back\n", atMost: 10 * time.Second,
		},
		{
			name:   "a child that ignores SIGTERM",
			text:   `trap '' TERM; echo ready; while :; do sleep 0.01; done`,
			grace:  200 * time.Millisecond,
			signal: "SIGKILL", stdout: "ready\n", atMost: 10 * time.Second,
		},
		{
			name:   "a grandchild",
			text:   `sleep 60 & echo ready; wait`,
			grace:  30 * time.Second,
			signal: "SIGTERM", stdout: "ready\n", atMost: 10 * time.Second,
		},
		{
			name:   "a grandchild that ignores SIGTERM",
			text:   `(trap '' TERM; echo ready; while :; do sleep 0.01; done) & wait`,
			grace:  200 * time.Millisecond,
			signal: "SIGTERM", stdout: "ready\n", atMost: 10 * time.Second,
		},
		{
			name:   "a child that is suspended",
			text:   `trap 'exit 0' TERM; echo ready; kill -STOP $$; sleep 60`,
			grace:  30 * time.Second,
			stdout: "ready\n", atMost: 10 * time.Second,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			alive, held := held(t)
			why := errors.New("told to")
			ctx, cancel := context.WithCancelCause(t.Context())
			var start time.Time
			cmd := sh(tt.text)
			cmd.Inherit, cmd.Grace = []*os.File{held}, tt.grace
			cmd.Output = func(Stream, []byte) {
				if start.IsZero() {
					start = time.Now()
					time.AfterFunc(100*time.Millisecond, func() { cancel(why) })
				}
			}
			_, err := Run(ctx, cmd)
			took := time.Since(start)
			held.Close()

			var exit *ExitError
			if !errors.As(err, &exit) || !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
				t.Fatalf("error %v is no *ExitError, or matches not both the context's error and its cause", err)
			}
			if exit.Signal != tt.signal || exit.Stdout != tt.stdout {
				t.Errorf("signal %q, output %q; want %q, %q", exit.Signal, exit.Stdout, tt.signal, tt.stdout)
			}
			if took > tt.atMost {
				t.Errorf("took %s", took)
			}
			if tt.grace < time.Second && took < tt.grace {
				t.Errorf("took only %s, with a grace of %s", took, tt.grace)
			}
			if alive() {
				t.Error("a process of the group is alive")
			}
		})
	}
}

func TestCancelAfterTheChildHasEndedIsTooLate(t *testing.T) {
	t.Parallel()
	// The child ends at once, and something it left holds its output open, in
	// its group: Run waits a while for more.
	ctx, cancel := context.WithCancel(t.Context())
	cmd := sh(`sleep 20 & echo $!`)
	var pid string
	cmd.Output = func(_ Stream, p []byte) {
		pid += strings.TrimSpace(string(p))
		time.AfterFunc(700*time.Millisecond, cancel)
	}
	res, err := Run(ctx, cmd)
	if err != nil || !res.Lingering {
		t.Errorf("error %v, lingering %v", err, res.Lingering)
	}
	if !running(t, pid) {
		t.Error("what the child left behind was ended")
	}
	kill(t, pid)
}

func TestGraceIsFiveSecondsUnlessGiven(t *testing.T) {
	if got := (Command{}).grace(); got != 5*time.Second {
		t.Errorf("got %s", got)
	}
	if got := (Command{Grace: time.Minute}).grace(); got != time.Minute {
		t.Errorf("got %s", got)
	}
}

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
		r.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		_, err := r.Read(make([]byte, 1))
		return !errors.Is(err, io.EOF)
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
