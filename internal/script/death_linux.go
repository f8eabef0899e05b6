package script

import "syscall"

// dieWithParent has the kernel kill the child when the thread that starts it
// ends, which is when we are killed.
func dieWithParent(attr *syscall.SysProcAttr) {
	attr.Pdeathsig = syscall.SIGKILL
}
