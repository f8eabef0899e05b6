package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// compatBackup is fastmigrate_backup_db.
func compatBackup(ctx context.Context, c *compatCall) int {
	if err := c.settle(); err != nil {
		return c.fail(ctx, c.Err, err)
	}
	b, err := c.open(ctx, c.db)
	if err != nil {
		return c.fail(ctx, c.Err, err)
	}
	defer b.Close()
	err = c.backup(ctx, b)
	switch {
	case err == nil:
		return exitSuccess
	case errors.Is(err, migration.ErrNoDatabase):
		fmt.Fprintf(c.Out, "Warning: %s\n", c.missing())
		return exitFailure
	}
	return c.fail(ctx, c.Err, err)
}

// backup writes the backup and tells its name.
func (c *compatCall) backup(ctx context.Context, b backend.Backend) error {
	file := fastmigrate.BackupName(c.db, time.Now())
	err := fastmigrate.Backup(ctx, b, file)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the backup file exists already and was left alone: %s", file)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "Database backup created: %s\n", file)
	return nil
}
