//go:build unix

package script

import (
	"os"
	"os/exec"
	"os/signal"

	"golang.org/x/sys/unix"
)

// terminal is the controlling terminal; nil where there is none. Only one
// process group, the foreground one, may read from it: a child in a group of
// its own would be stopped at its first read, and we would wait for ever.
type terminal struct {
	fd   int
	ours bool // we are its foreground group, and lend that to the child
}

// openTerminal opens the terminal by its name rather than taking stdin: programs
// that ask for a password do so too, wherever their stdin comes from.
func openTerminal() *terminal {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil
	}
	t := &terminal{fd: fd}
	t.ours = t.owner() != 0 && t.owner() == unix.Getpgrp()
	return t
}

// start starts the child, as the foreground group if we are that.
func (t *terminal) start(cmd *exec.Cmd) error {
	switch {
	case t == nil:
		return cmd.Start()
	case t.ours:
		cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, t.fd
		// A child that Ctrl-Z stopped would hang us, as our shell could not see
		// it. What is ignored at the start stays so in the child.
		return ignoring(cmd.Start, unix.SIGTSTP)
	default:
		// With these ignored, reading from the terminal fails instead of
		// stopping the child.
		return ignoring(cmd.Start, unix.SIGTTIN, unix.SIGTTOU)
	}
}

// takeBack makes us the foreground group again once the child has ended, unless
// the terminal is in other hands by now, as those of our shell.
func (t *terminal) takeBack(child int) {
	if t == nil || !t.ours {
		return
	}
	now := t.owner()
	if now != 0 && now != child && unix.Kill(-now, 0) != unix.ESRCH {
		return
	}
	// A background group that takes the terminal is stopped by SIGTTOU.
	_ = ignoring(func() error {
		return unix.IoctlSetPointerInt(t.fd, unix.TIOCSPGRP, unix.Getpgrp())
	}, unix.SIGTTOU)
	// Others of our group that touched the terminal meanwhile were stopped, as
	// the pager in "fastmigrate run | less".
	unix.Kill(0, unix.SIGCONT)
}

// interruption returns ErrInterrupted if the child died of a key typed at the
// terminal that it owned.
func (t *terminal) interruption(state *os.ProcessState) error {
	if t == nil || !t.ours {
		return nil
	}
	if sig := deadlySignal(state); sig == unix.SIGINT || sig == unix.SIGQUIT {
		return ErrInterrupted
	}
	return nil
}

// owner returns the terminal's foreground group, 0 if that can't be told.
func (t *terminal) owner() int {
	group, err := unix.IoctlGetInt(t.fd, unix.TIOCGPGRP)
	if err != nil {
		return 0
	}
	return group
}

func (t *terminal) close() {
	if t != nil {
		unix.Close(t.fd)
	}
}

// ignoring calls f while the signals are ignored.
func ignoring(f func() error, signals ...os.Signal) error {
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Ignore(s)
			defer signal.Reset(s)
		}
	}
	return f()
}
