//go:build unix

package pyhost

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// isolate puts the host into a process group of its own, which can be stopped
// together with what the hooks start.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
}

// terminate asks the group to end.
func terminate(p *os.Process) {
	_ = unix.Kill(-p.Pid, unix.SIGTERM)
	_ = unix.Kill(-p.Pid, unix.SIGCONT) // one that is stopped acts on no signal but SIGKILL
}

// kill ends the group.
func kill(p *os.Process) { _ = unix.Kill(-p.Pid, unix.SIGKILL) }
