package pyhost

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/script"
	"github.com/fastmigrate/fastmigrate/migration"
)

// boot is what the interpreter is started with: it asks for the rest.
//
//go:embed boot.py
var boot string

// program is the host.
//
//go:embed host.py
var program string

// defaultGrace is how long a hook has to end when it is told to stop.
const defaultGrace = 5 * time.Second

// lookEvery is how often we look whether a hook waits for the terminal.
const lookEvery = 50 * time.Millisecond

// Options says what a host runs, and how.
type Options struct {
	// Config is the path of config.py, absolute.
	Config string
	// Database is what the user named it. It does not appear in a list of
	// processes.
	Database string
	// Python is the interpreter, and Getenv looks up the variables that name it
	// where Python is empty; see [script.FindPython]. nil means os.Getenv.
	Python string
	Getenv func(string) string
	// Stdin, Stdout and Stderr are what the hooks have. nil means ours.
	Stdin, Stdout, Stderr *os.File
	// Grace is the time between SIGTERM and SIGKILL. 0 means 5 s.
	Grace time.Duration
}

// Host is a Python process that has loaded a config.py.
type Host struct {
	// Python is the path of its interpreter, and Why it is that one.
	Python, Why string
	// Locks says that config.py has hooks for a lock of its own, and Closes that
	// it has one that closes the connection.
	Locks, Closes bool

	grace   time.Duration
	wire    *wire
	tty     *script.Terminal
	cmd     *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	mu      sync.Mutex    // one request at a time
	stopped bool          // the process group was told to stop
	closed  bool
}

// Start starts the interpreter and has it load config.py. Close the host when
// done. A done ctx stops the start; it has no influence afterwards.
func Start(ctx context.Context, o Options) (*Host, error) {
	if runtime.GOOS == "windows" {
		return nil, fmt.Errorf("%w: config.py on Windows", migration.ErrUnsupported)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	getenv := o.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	h := &Host{grace: cmp.Or(o.Grace, defaultGrace), ended: make(chan struct{})}
	var err error
	if h.Python, h.Why, err = script.FindPython(o.Python, getenv); err != nil {
		return nil, fmt.Errorf("config.py needs Python: %w", err)
	}
	if err := h.start(o); err != nil {
		return nil, err
	}
	answer, err := h.bounded(ctx, func() (answer, error) { return h.wire.greet(o) })
	if err == nil {
		err = h.understood(answer, "")
	}
	if err != nil {
		_ = h.Close()
		return nil, stoppedBy(ctx, "config.py", err)
	}
	h.Locks, h.Closes = answer.Locks, answer.Closes
	return h, nil
}

// start starts the interpreter with its ends of the wire.
func (h *Host) start(o Options) error {
	w, theirs, err := newWire()
	if err != nil {
		return fmt.Errorf("start %s: %w", h.Python, err)
	}
	h.wire, h.tty = w, script.OpenTerminal()
	h.cmd = exec.Command(h.Python, "-c", boot)
	h.cmd.Stdin, h.cmd.Stdout, h.cmd.Stderr = cmp.Or(o.Stdin, os.Stdin), cmp.Or(o.Stdout, os.Stdout), cmp.Or(o.Stderr, os.Stderr)
	h.cmd.ExtraFiles = theirs
	isolate(h.cmd)
	started := make(chan error)
	go h.watch(started)
	err = <-started
	for _, f := range theirs {
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		h.tty.Close()
		return errors.Join(fmt.Errorf("start %s: %w", h.Python, err), w.close())
	}
	return nil
}

// watch starts the process and waits for its end.
func (h *Host) watch(started chan<- error) {
	// The kernel ties Pdeathsig to the thread that forked, not to the process:
	// the runtime must not retire this thread while the child lives.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := h.tty.Start(h.cmd)
	started <- err
	if err != nil {
		return
	}
	_ = h.cmd.Wait() // how it ended is in ProcessState
	h.wire.hurry()
	close(h.ended)
}

// Call calls a hook. The error is a [*HookError], an [*ExitError], or ctx's
// error where the hook was stopped because ctx is done; any other says why
// Python does not answer.
func (h *Host) Call(ctx context.Context, c Call) (Value, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.Ended() {
		return Value{}, fmt.Errorf("call %s: %w", c.Hook, h.end())
	}
	if err := ctx.Err(); err != nil {
		return Value{}, fmt.Errorf("stopped before %s was called: %w", c.Hook, err)
	}
	answer, err := h.bounded(ctx, func() (answer, error) { return h.wire.ask(c) })
	if err == nil {
		err = h.understood(answer, c.Hook)
	}
	if err != nil {
		return Value{}, stoppedBy(ctx, c.Hook, err)
	}
	return answer.Value, nil
}

// bounded has f ask the host something, and tells the host to stop when ctx is
// done before there is an answer.
func (h *Host) bounded(ctx context.Context, f func() (answer, error)) (a answer, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		a, err = f()
	}()
	defer h.tty.TakeBack()
	h.await(ctx, done)
	if err != nil {
		// It does not talk as agreed, or not at all.
		h.stop(h.ended)
		err = h.end()
	}
	return a, err
}

// await waits until it is done, and stops the host where ctx is done before. It
// lends the terminal to a hook that reads from it: that stopped the hook.
func (h *Host) await(ctx context.Context, done <-chan struct{}) {
	var look <-chan time.Time
	if h.tty.Ours() {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		look = ticker.C
	}
	for {
		select {
		case <-done:
			return
		case <-ctx.Done():
			h.stop(done)
			return
		case <-look:
			if hasStopped(h.cmd.Process) {
				h.tty.Lend(h.cmd.Process.Pid)
			}
		}
	}
}

// stop ends what the host is doing, and all that hooks have started for it:
// with SIGTERM, and SIGKILL if that is not done after a grace.
func (h *Host) stop(done <-chan struct{}) {
	select {
	case <-done:
		return
	default:
	}
	h.stopped = true
	terminate(h.cmd.Process)
	timer := time.NewTimer(h.grace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		kill(h.cmd.Process)
		<-done
	}
}

// Close ends the host. It waits for what Python does at its end, but no longer
// than the grace.
func (h *Host) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	h.closed = true
	err := h.wire.hangUp()
	timer := time.NewTimer(h.grace)
	defer timer.Stop()
	select {
	case <-h.ended:
	case <-timer.C:
		kill(h.cmd.Process)
		<-h.ended
	}
	if h.stopped {
		kill(h.cmd.Process) // those of the group that did not heed SIGTERM
	}
	h.tty.Close()
	return errors.Join(err, h.wire.close())
}

// Ended says whether the process has ended, by itself or because it did not
// stop otherwise.
func (h *Host) Ended() bool {
	select {
	case <-h.ended:
		return true
	default:
		return false
	}
}

// end says how the process ended.
func (h *Host) end() error {
	<-h.ended
	return fmt.Errorf("%s (%s), which runs config.py, has ended: %s", h.Python, h.Why, h.cmd.ProcessState)
}

// stoppedBy returns err, with ctx's error where that is why.
func stoppedBy(ctx context.Context, hook string, err error) error {
	cause := ctx.Err()
	if cause == nil || errors.Is(err, cause) {
		return err
	}
	var exit *ExitError
	if errors.As(err, &exit) {
		return err
	}
	return fmt.Errorf("%s was stopped: %w", hook, cause)
}
