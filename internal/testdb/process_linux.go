package testdb

import (
	"os/exec"
	"syscall"
)

// as makes a command run as another account, and end when we are killed.
func as(cmd *exec.Cmd, a *account) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if a != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.Uid, Gid: a.Gid}
	}
}
