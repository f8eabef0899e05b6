//go:build unix

package script

import (
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// Terminal is the controlling terminal, for a child in a group of its own that
// lives long and seldom reads from it: it is lent when it is needed, so that a
// Ctrl-C typed at all other times reaches us.
type Terminal struct {
	terminal *terminal
	lent     int // the group that has it, or 0
}

// OpenTerminal returns the terminal, be there one or not. Close it when done.
func OpenTerminal() *Terminal { return &Terminal{terminal: openTerminal()} }

// Start starts the child. Where the terminal is not ours to lend, reading from
// it fails in the child instead of stopping it.
func (t *Terminal) Start(cmd *exec.Cmd) error {
	if t.terminal == nil || t.Ours() {
		return cmd.Start()
	}
	return shielded(cmd.Start, unix.SIGTTIN, unix.SIGTTOU)
}

// Ours says whether the terminal is ours to lend. It is not elsewhere than on
// Linux, where nobody tells us that a child waits for it.
func (t *Terminal) Ours() bool {
	return runtime.GOOS == "linux" && t.terminal != nil && t.terminal.ours
}

// Lend gives the terminal to a child's group, which stopped because it had it
// not, and lets it go on.
func (t *Terminal) Lend(group int) {
	if unix.IoctlSetPointerInt(t.terminal.fd, unix.TIOCSPGRP, group) == nil {
		t.lent = group
	}
	_ = unix.Kill(-group, unix.SIGCONT)
}

// TakeBack makes us the foreground group again, if the terminal was lent.
func (t *Terminal) TakeBack() {
	if t.lent == 0 {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	t.terminal.takeBack(t.lent)
	t.lent = 0
}

// Close closes the terminal, after taking it back.
func (t *Terminal) Close() {
	t.TakeBack()
	t.terminal.close()
}
