//go:build unix

package script

import (
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// pollEvery is how often we look whether a group that was told to stop has
	// gone: no system call waits for processes that are not our children.
	pollEvery = 10 * time.Millisecond

	// killDelay bounds the wait for a killed group. It is used up only where
	// nobody reaps orphans, or late.
	killDelay = time.Second
)

// isolate puts the child into a process group of its own, which can be stopped
// as a whole, and hands it the files to inherit.
func isolate(cmd *exec.Cmd, inherit []*os.File) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.ExtraFiles = inherit
}

// stop ends the child's group and returns true once it has gone, or false if the
// child had ended already.
func stop(child *os.Process, grace time.Duration) bool {
	if child.Signal(unix.Signal(0)) != nil {
		return false
	}
	stopGroup(child, grace)
	return true
}

// stopGroup ends what is left of the child's group. A process of another user
// (sudo) may refuse.
//
// The group keeps its number while a member lives, so that the number can only
// come to mean another group if it is taken anew between two polls.
func stopGroup(child *os.Process, grace time.Duration) {
	group := -child.Pid
	unix.Kill(group, unix.SIGTERM)
	unix.Kill(group, unix.SIGCONT) // one that is stopped acts on no signal but SIGKILL
	if !gone(child, grace) {
		unix.Kill(group, unix.SIGKILL)
		gone(child, killDelay)
	}
}

// gone waits until no process of the child's group is left; false if some still
// is, be it as a zombie that nobody reaps.
func gone(child *os.Process, atMost time.Duration) bool {
	deadline := time.Now().Add(atMost)
	for unix.Kill(-child.Pid, 0) == nil {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(pollEvery)
		if child.Signal(unix.Signal(0)) != nil {
			// As a container's first process we have inherited its orphans.
			// The child itself has been reaped, so that this takes it from nobody.
			unix.Wait4(-child.Pid, nil, unix.WNOHANG, nil)
		}
	}
	return true
}

// exitStatus returns how the child ended, as a shell counts it.
func exitStatus(state *os.ProcessState) (code int, signal string) {
	if sig := deadlySignal(state); sig != 0 {
		return 128 + int(sig), unix.SignalName(sig)
	}
	return state.ExitCode(), ""
}

// deadlySignal returns the signal that the child died of, or 0.
func deadlySignal(state *os.ProcessState) syscall.Signal {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return 0
	}
	return status.Signal()
}
