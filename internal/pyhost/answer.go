package pyhost

import (
	"fmt"
	"syscall"

	"github.com/fastmigrate/fastmigrate/internal/script"
	"github.com/fastmigrate/fastmigrate/migration"
)

// understood returns the error that an answer stands for, or nil.
func (h *Host) understood(a answer, hook string) error {
	switch {
	case a.tooOld != "":
		return &migration.Error{
			Op:   "start",
			Err:  fmt.Errorf("config.py needs Python %d.%d or newer, and %s (%s) is %s", oldest[0], oldest[1], h.Python, h.Why, a.tooOld),
			Hint: "name another in " + script.PythonVariable,
		}
	case a.Exit != nil:
		return &ExitError{Hook: hook, Code: *a.Exit}
	case a.Stopped == int(syscall.SIGINT):
		return fmt.Errorf("%s: %w", hook, migration.ErrInterrupted)
	case a.Stopped != 0:
		return fmt.Errorf("%s was stopped: %s", hook, syscall.Signal(a.Stopped))
	case a.Error != nil:
		e := a.Error
		return &HookError{
			Hook: hook, Type: e.Type, Message: e.Message, Module: e.Module, Line: e.Line, Trace: e.Traceback,
			Python: h.Python, Why: h.Why,
		}
	}
	return nil
}
