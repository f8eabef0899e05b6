//go:build unix && !linux

package pyhost

import (
	"os"
	"syscall"
)

// dieWithParent does nothing: here the host sees that we are gone when its hook
// has ended.
func dieWithParent(*syscall.SysProcAttr) {}

// hasStopped is not asked: the terminal is not lent here.
func hasStopped(*os.Process) bool { return false }
