package cli

import (
	"context"
	"errors"

	"github.com/fastmigrate/fastmigrate/migration"
)

// The codes that the program exits with. docs/CLI.md documents them; they are
// stable.
const (
	exitSuccess     = 0
	exitFailure     = 1   // a migration failed, or anything else that no other code is for
	exitUsage       = 2   // the command line or the configuration file is wrong; nothing was done
	exitPending     = 3   // status --exit-code: migrations are pending
	exitBusy        = 4   // another run held the lock for too long
	exitDiffers     = 5   // diff: the schemas differ
	exitInterrupted = 130 // stopped by SIGINT, as by Ctrl-C (143 after SIGTERM, see stoppedBy)
)

// errPending ends status --exit-code. It is no failure, and is not printed.
var errPending = errors.New("migrations are pending")

// errDiffers ends diff where the schemas differ. It is no failure, and is not
// printed.
var errDiffers = errors.New("the schemas differ")

// exitCode returns the code that an error stands for. This is the only place
// where one becomes the other.
func exitCode(ctx context.Context, err error) int {
	if err == nil {
		return exitSuccess
	}
	if s, ok := signalOf(ctx); ok {
		return s.code()
	}
	var usage *usageError
	switch {
	case errors.Is(err, migration.ErrInterrupted):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errPending):
		return exitPending
	case errors.Is(err, errDiffers):
		return exitDiffers
	case errors.Is(err, migration.ErrBusyRun):
		return exitBusy
	}
	return exitFailure
}
