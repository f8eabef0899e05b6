package script

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// isolate keeps a Ctrl-C typed at the console from the child: we decide when it
// ends. Files can't be handed on here.
func isolate(cmd *exec.Cmd, _ []*os.File) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// stop ends the child, without grace and without what it started in turn; false
// if it had ended already.
func stop(child *os.Process, _ time.Duration) bool {
	return child.Kill() == nil
}

// stopGroup is not possible here.
func stopGroup(*os.Process, time.Duration) {}

// exitStatus returns the exit status; there are no signals here.
func exitStatus(state *os.ProcessState) (code int, signal string) {
	return state.ExitCode(), ""
}
