//go:build unix

package script

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
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

func TestRunReturnsOnlyWhenTheGroupHasGone(t *testing.T) {
	alive, held := held(t)
	ctx, cancel := context.WithCancel(t.Context())
	// A killed process gives back its memory before it closes its files: with
	// much of it, it is not gone at once. Nor do we hear of it by its output.
	cmd := sh(`"$1" -c 'import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
much = b"x" * 100_000_000
print("ready", flush=True)
os.close(1); os.close(2)
signal.pause()' & wait`, python(t))
	cmd.Inherit, cmd.Grace = []*os.File{held}, 200*time.Millisecond
	cmd.Output = func(Stream, []byte) { cancel() }
	_, err := Run(ctx, cmd)
	held.Close()
	if !errors.Is(err, context.Canceled) || alive() {
		t.Errorf("error %v, a process left: %v", err, alive())
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
