package fastmigrate

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Restore makes the database what a backup holds, while other programs may have
// it open: they see the old database or the new one, and so does whoever opens
// it after this process was killed. The backup is checked first. What is
// replaced is kept in a file of its own, which the result names.
//
// The error wraps [migration.ErrNotDatabase] or [migration.ErrDamaged] where
// the file is not sound, [migration.ErrLocked] where another program kept the
// database locked, and [migration.ErrUnsupported] where the database has a tool
// of its own for that; nothing is changed then.
func Restore(ctx context.Context, b backend.Backend, file string, o backend.RestoreOptions) (backend.Restored, error) {
	r, ok := b.(backend.Restorer)
	if !ok {
		return backend.Restored{}, fmt.Errorf("restore: %w", migration.ErrUnsupported)
	}
	return r.Restore(ctx, file, o)
}

// Backups returns the backups that lie beside the database, newest first: the
// files that are named as [BackupName] names them. One that can't be read says
// why. The error wraps [migration.ErrUnsupported] where there are none of ours.
func Backups(ctx context.Context, b backend.Backend) ([]backend.BackupFile, error) {
	a, ok := b.(backend.Archive)
	if !ok {
		return nil, fmt.Errorf("list backups: %w", migration.ErrUnsupported)
	}
	return a.Backups(ctx)
}

// PruneBackups removes all backups beside the database but the newest, as many
// as keep says, which must be 1 or more. It returns the files that it removed,
// beside an error, too. Only files that [Backups] lists are removed, and of
// those none that is no database.
func PruneBackups(ctx context.Context, b backend.Backend, keep int) (removed []string, err error) {
	if keep < 1 {
		return nil, fmt.Errorf("prune backups: cannot keep %d of them", keep)
	}
	all, err := Backups(ctx, b)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, f := range all {
		if errors.Is(f.Err, migration.ErrNotDatabase) {
			continue // somebody gave another file such a name
		}
		if keep--; keep >= 0 {
			continue
		}
		if err := os.Remove(f.File); err != nil {
			errs = append(errs, err)
			continue
		}
		removed = append(removed, f.File)
	}
	return removed, errors.Join(errs...)
}
