package pyhost

import (
	"fmt"
	"strings"
)

// HookError says what a hook, or config.py itself when it was loaded, raised.
type HookError struct {
	Hook    string // empty where config.py could not be loaded
	Type    string // of the exception; empty where it is a complaint of ours
	Message string // of the exception, perhaps several lines
	Module  string // that could not be found, if it was that
	Line    int    // of config.py that the exception came through; 0 where it is not known
	Trace   string // Python's traceback, several lines

	Python, Why string // the interpreter, and why it is that one
}

// Error returns one line: which hook, which exception, and its first line.
func (e *HookError) Error() string {
	text, _, _ := strings.Cut(strings.TrimSpace(e.Message), "\n")
	if e.Type != "" {
		text = strings.TrimSuffix(e.Type+": "+strings.TrimSpace(text), ": ")
		if e.Hook != "" {
			text = e.Hook + " raised " + text
		}
	}
	return text
}

// Traceback returns what Python would have printed, or "".
func (e *HookError) Traceback() string { return e.Trace }

// ExitError says that a hook called sys.exit.
type ExitError struct {
	Hook string // empty where config.py did so when it was loaded
	Code int    // the status that the run is to exit with
}

func (e *ExitError) Error() string {
	who := e.Hook
	if who == "" {
		who = "config.py"
	}
	return fmt.Sprintf("%s called sys.exit, with status %d", who, e.Code)
}

// ExitCode returns the status that the run is to exit with.
func (e *ExitError) ExitCode() int { return e.Code }
