//go:build unix && !linux

package script

import "syscall"

// dieWithParent does nothing: here a child outlives a parent that is killed.
func dieWithParent(*syscall.SysProcAttr) {}
