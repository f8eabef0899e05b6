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
// the database's own file mode. It is made under another name, and checked
// there, so that a file with the name of a backup is a whole one, whatever is
// killed when.
func (b *Backend) Copy(ctx context.Context, file string) error {
	err := b.apart(ctx, func(c *connection) error {
		mode, err := c.mode(ctx)
		if err != nil {
			return err // about the database, and not the copy
		}
		err = b.copyAs(ctx, c, file, mode, func(made string, s snapshot) error {
			return b.checkCopy(ctx, c, made, s)
		})
		if err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		return nil
	})
	if err == nil {
		b.sweep(ctx)
	}
	return err
}

// copyAs makes a copy and gives it its name, where check, which may be nil, has
// no objection.
func (b *Backend) copyAs(ctx context.Context, c *connection, file string, mode fs.FileMode, check func(made string, s snapshot) error) error {
	if err := free(file); err != nil {
		return err
	}
	held, err := acquire(ctx, file, backend.SessionOptions{})
	if err != nil {
		return err
	}
	return errors.Join(b.copyLocked(ctx, c, file, mode, check), held.Close())
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

// copyLocked makes the copy, under the lock of its name.
func (b *Backend) copyLocked(ctx context.Context, c *connection, file string, mode fs.FileMode, check func(string, snapshot) error) error {
	if err := free(file); err != nil {
		return err
	}
	made := file + newSuffix
	defer removeDatabase(made)
	s, err := b.copyFresh(ctx, c, made)
	if err == nil && check != nil {
		err = check(made, s)
	}
	if err == nil {
		err = publish(made, file, mode)
	}
	return err
}

// copyFresh copies the database into a file that nobody else may read, in place
// of what a killed run left there.
func (b *Backend) copyFresh(ctx context.Context, c *connection, file string) (snapshot, error) {
	removeDatabase(file)
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return snapshot{}, err
	}
	if err := f.Close(); err != nil {
		return snapshot{}, err
	}
	return b.copyInto(ctx, c, file)
}

// publish makes a file durable and gives it its mode and its name.
func publish(made, file string, mode fs.FileMode) error {
	err := syncFile(made)
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

// mode returns the mode of the database's file, or that of a private file where
// there is none.
func (c *connection) mode(ctx context.Context) (fs.FileMode, error) {
	source, err := c.file(ctx)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(source)
	if err != nil {
		return 0o600, nil // a database in memory
	}
	return info.Mode().Perm(), nil
}

// giveMode gives a copy the mode of the database's file.
func (c *connection) giveMode(ctx context.Context, file string) error {
	mode, err := c.mode(ctx)
	if err != nil {
		return err
	}
	return os.Chmod(file, mode)
}

// snapshot is what a copy was made of.
type snapshot struct {
	version string // as _meta has it; empty where there is none
	unread  error  // why that could not be told: a damaged database can be copied all the same
	changes int64  // by which the connection tells whether others have written since
}

// copyInto fills an empty file with the database.
func (b *Backend) copyInto(ctx context.Context, c *connection, file string) (s snapshot, err error) {
	if c.enclosed() {
		return s, fmt.Errorf("%w: a copy can't be made inside a transaction", migration.ErrUnsupported)
	}
	if b.driver.Copy == nil {
		s.version, s.unread = c.versionIn(ctx, "main")
		_, err = c.ExecContext(ctx, "VACUUM INTO ?", file)
		return s, describe(err)
	}
	// The engine's backup waits for a lock without end, and begins anew when
	// somebody writes. Within a transaction that has read, neither happens.
	if err := c.exec(ctx, "BEGIN"); err != nil {
		return s, err
	}
	s.changes, err = c.changes(ctx) // which begins to read
	if err == nil {
		s.version, s.unread = c.versionIn(ctx, "main")
		if bytes, unknown := c.size(ctx); unknown == nil {
			err = roomFor(filepath.Dir(file), bytes)
		}
	}
	if err == nil {
		err = describe(b.driver.Copy(ctx, c.pinned, file))
	}
	return s, errors.Join(err, c.rollback())
}

// size returns how many bytes the database has.
func (c *connection) size(ctx context.Context) (bytes int64, err error) {
	err = c.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&bytes)
	return bytes, describe(err)
}

// changes returns a number that is another one after another connection has
// committed something.
func (c *connection) changes(ctx context.Context) (n int64, err error) {
	err = c.QueryRowContext(ctx, "PRAGMA main.data_version").Scan(&n)
	return n, describe(err)
}

// syncFile makes what was written to a file durable.
func syncFile(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
