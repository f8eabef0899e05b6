package fastmigrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// CreateDB makes the database, at version 0, or does nothing where it is
// managed already. It returns the version that the database is at.
func CreateDB(ctx context.Context, b backend.Backend) (migration.Version, error) {
	if err := b.Create(ctx); err != nil && !errors.Is(err, migration.ErrManaged) {
		return 0, err
	}
	return Version(ctx, b)
}

// RunMigrations applies all migrations above the database's version.
func RunMigrations(ctx context.Context, b backend.Backend, s source.Source) error {
	m, err := New(b, s, Options{})
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return err
}

// Version returns the version that the database is at. The error wraps
// [migration.ErrNoDatabase] or [migration.ErrNotManaged] where it has none.
func Version(ctx context.Context, b backend.Backend) (migration.Version, error) {
	state, err := b.State(ctx)
	if err != nil {
		return 0, err
	}
	return state.Version()
}

// Backup writes a consistent copy of the database to a new file, while others
// may go on writing. The error wraps [fs.ErrExist] where the file is there
// already, and [migration.ErrUnsupported] where the database has a tool of its
// own for that.
func Backup(ctx context.Context, b backend.Backend, file string) error {
	c, ok := b.(backend.Copier)
	if !ok {
		return fmt.Errorf("back up: %w", migration.ErrUnsupported)
	}
	return c.Copy(ctx, file)
}

// BackupName returns the name that backups have, beside their database: its
// path, the local time in seconds, and the extension backup.
func BackupName(database string, t time.Time) string {
	return database + "." + t.Local().Format("20060102_150405") + ".backup"
}
