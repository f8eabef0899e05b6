package sqlite

import (
	"context"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/filelock"
)

// lockSuffix is what the lock file has behind the database's name. It is a file
// of its own: closing any other descriptor on the database file itself would
// drop the locks that SQLite holds on it.
const lockSuffix = ".fastmigrate-lock"

// acquire takes the lock of the database file, which lets one run at a time
// work on it, waiting as long as the options say.
func acquire(ctx context.Context, database string, o backend.SessionOptions) (*filelock.Lock, error) {
	real, err := filepath.EvalSymlinks(database)
	if err != nil {
		real = database // it is not there yet
	}
	return filelock.Acquire(ctx, real+lockSuffix, filelock.Options{
		Timeout: o.LockTimeout, Waiting: o.Waiting,
		Unwritable: "the folder of the database must be writable for this user",
	})
}
