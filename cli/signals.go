package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stoppedBy is the cause of a context that a signal cancelled.
type stoppedBy struct{ signal syscall.Signal }

// Error names the signal as people know it.
func (s stoppedBy) Error() string {
	switch s.signal {
	case syscall.SIGINT:
		return "stopped by SIGINT"
	case syscall.SIGTERM:
		return "stopped by SIGTERM"
	}
	return "stopped by " + s.signal.String()
}

// code is what a shell says of a program that died of the signal.
func (s stoppedBy) code() int { return 128 + int(s.signal) }

// signalOf returns the signal that cancelled the context, if one did.
func signalOf(ctx context.Context) (s stoppedBy, ok bool) {
	ok = errors.As(context.Cause(ctx), &s)
	return s, ok
}

// repeatAfter is how long after the first signal a further one counts as a
// second: timeout(1) sends one signal to us and once more to our group.
const repeatAfter = 250 * time.Millisecond

// withSignals returns a context that the first SIGINT or SIGTERM cancels, so
// that what runs is rolled back; a second one ends the process at once. A
// signal that was ignored when the process began, as in a job that a script
// put into the background, stays ignored.
//
// A reader that went away (SIGPIPE) must not kill a migration halfway: writing
// fails then, and the run goes on.
func withSignals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	caught := make(chan os.Signal, 8)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if !signal.Ignored(s) {
			signal.Notify(caught, s)
		}
	}
	broken := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGPIPE) {
		signal.Notify(broken, syscall.SIGPIPE)
	}
	go func() {
		var first time.Time
		for got := range caught {
			s := stoppedBy{got.(syscall.Signal)}
			if first.IsZero() {
				first = time.Now()
				cancel(s)
			} else if time.Since(first) > repeatAfter {
				os.Exit(s.code())
			}
		}
	}()
	return ctx, func() {
		signal.Stop(caught)
		signal.Stop(broken)
		cancel(nil)
	}
}
