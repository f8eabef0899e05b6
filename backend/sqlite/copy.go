package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/newfile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Copy writes a consistent copy of the database to a new file, while others
// may go on writing: what is committed when it begins is in it. The copy has
// the database's own file mode. It is made under another name, so that a file
// with the name of a backup is a whole one, whatever is killed when.
func (b *Backend) Copy(ctx context.Context, file string) error {
	return b.use(ctx, func(c *connection) error {
		source, err := c.file(ctx)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o600)
		if info, err := os.Stat(source); err == nil {
			mode = info.Mode().Perm()
		}
		if err := free(file); err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		held, err := acquire(ctx, file, backend.SessionOptions{})
		if err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		if err = errors.Join(b.copyTo(ctx, c, file, mode), held.Close()); err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		return nil
	})
}

// free fails where there is a file at a path.
func free(file string) error {
	_, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = &fs.PathError{Op: "create", Path: file, Err: fs.ErrExist}
	}
	return err
}

// copyTo makes the copy, under the lock of its name.
func (b *Backend) copyTo(ctx context.Context, c *connection, file string, mode fs.FileMode) error {
	if err := free(file); err != nil {
		return err
	}
	made := file + newSuffix
	removeDatabase(made) // what a killed run left
	defer removeDatabase(made)
	// Nobody else may read what a private database holds, not even while it is
	// written.
	f, err := os.OpenFile(made, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(f.Close(), b.copyInto(ctx, c, made))
	if err == nil {
		err = syncFile(made)
	}
	if err == nil {
		err = os.Chmod(made, mode)
	}
	if err == nil {
		err = newfile.Move(made, file)
	}
	if err == nil {
		err = newfile.SyncFolder(filepath.Dir(file))
	}
	return err
}

// copyInto fills an empty file with the database.
func (b *Backend) copyInto(ctx context.Context, c *connection, file string) error {
	if c.enclosed() {
		return fmt.Errorf("%w: a copy can't be made inside a transaction", migration.ErrUnsupported)
	}
	if b.driver.Copy == nil {
		_, err := c.ExecContext(ctx, "VACUUM INTO ?", file)
		return describe(err)
	}
	// The engine's backup waits for a lock without end, and begins anew when
	// somebody writes. Within a transaction that has read, neither happens.
	if err := c.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	err := c.exec(ctx, "SELECT count(*) FROM main.sqlite_schema")
	if err == nil {
		err = describe(b.driver.Copy(ctx, c.pinned, file))
	}
	return errors.Join(err, c.rollback())
}

// syncFile makes what was written to a file durable.
func syncFile(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
