package script

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
)

// Run starts the program and waits until it has ended.
//
// It fails with an *ExitError, which carries what the child printed, if the
// child exits other than with 0, dies of a signal or is stopped because ctx is
// done; the latter also matches ctx's error, and its cause. A child that ends
// with 0 after it was told to stop counts as stopped: nobody can tell a clean-up
// from a success. One that had ended before is a success.
//
// Where we own the terminal, the child owns it meanwhile, so that it can ask for
// a password; a Ctrl-C typed then reaches the child alone, and Run's error
// matches ErrInterrupted. Ctrl-Z is without effect, since a migration that
// sleeps would keep its lock. Where we are a background job, or write into a
// pipe, whose reader may be a pager that needs the terminal itself, a child that
// reads from the terminal gets an error. Elsewhere than on Linux we ignore
// SIGTSTP, SIGTTIN and SIGTTOU from then on, for want of a way to undo it.
//
// Any other error says why the program could not be started or watched.
func Run(ctx context.Context, c Command) (Result, error) {
	if ctx.Err() != nil {
		return Result{}, fmt.Errorf("start %s: %w", c.Program, stopCause(ctx))
	}
	cmd, stdout, stderr := c.prepare()

	// The kernel ties Pdeathsig to the thread that forked, not to the process:
	// the runtime must not retire this thread while the child lives.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	tty := openTerminal()
	defer tty.close()
	if err := tty.start(cmd); err != nil {
		tty.takeBack(0) // it may fail after the terminal was handed over
		return Result{}, fmt.Errorf("start %s: %w", c.Program, err)
	}
	defer tty.takeBack(cmd.Process.Pid)

	stopped := make(chan bool, 1)
	unwatch := context.AfterFunc(ctx, func() { stopped <- stop(cmd.Process, c.grace()) })
	waitErr := cmd.Wait()
	// When Run returns nothing of the group is left, so that the caller may
	// give up its lock: hence the wait for stop to end.
	cancelled := !unwatch() && <-stopped

	res := Result{Stdout: stdout.String(), Stderr: stderr.String()}
	var exit *exec.ExitError
	switch {
	case cancelled:
		return res, exitError(cmd, res, stopCause(ctx))
	case errors.Is(waitErr, exec.ErrWaitDelay):
		res.Lingering = true
		return res, nil
	case errors.As(waitErr, &exit):
		interrupted := tty.interruption(exit.ProcessState)
		if interrupted != nil {
			stopGroup(cmd.Process, c.grace()) // those that did not heed the key
		}
		return res, exitError(cmd, res, interrupted)
	case waitErr != nil:
		return res, fmt.Errorf("wait for %s: %w", c.Program, waitErr)
	}
	return res, nil
}

// stopCause returns ctx's error, together with its cause where that says more:
// signal.NotifyContext names the signal there.
func stopCause(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
