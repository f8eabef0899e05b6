package cli

import (
	"os"

	"golang.org/x/sys/windows"
)

// inForeground says whether the terminal is ours to draw on.
func inForeground(*os.File) bool { return true }

// takesEscapes says whether a console does what escape sequences say, after it
// was asked to.
func takesEscapes(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
