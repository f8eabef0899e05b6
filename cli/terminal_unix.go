//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// inForeground says whether the terminal is ours to draw on: not while the
// shell has it, or an outside program that was given it.
func inForeground(f *os.File) bool {
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp() // where it can't be told, it is not our shell's
}

// takesEscapes says whether a terminal does what escape sequences say.
func takesEscapes(*os.File) bool { return true }
