//go:build unix

package script

import (
	"os"
	"os/exec"

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
	t.ours = t.owner() != 0 && t.owner() == unix.Getpgrp() && !inPipeline()
	return t
}

// inPipeline tells whether our output goes to another process, as the pager in
// "fastmigrate run | less": that reads from the terminal as one of our group, and
// would have all of the group stopped if the terminal were the child's.
func inPipeline() bool {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
			return true
		}
	}
	return false
}

// start starts the child, as the foreground group if we are that.
func (t *terminal) start(cmd *exec.Cmd) error {
	switch {
	case t == nil:
		return cmd.Start()
	case t.ours:
		cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, t.fd
		// A child that Ctrl-Z stopped would hang us, as our shell could not see it.
		return shielded(cmd.Start, unix.SIGTSTP)
	default:
		// Without these, reading from the terminal fails instead of stopping the
		// child.
		return shielded(cmd.Start, unix.SIGTTIN, unix.SIGTTOU)
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
	_ = shielded(func() error {
		return unix.IoctlSetPointerInt(t.fd, unix.TIOCSPGRP, unix.Getpgrp())
	}, unix.SIGTTOU)
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
