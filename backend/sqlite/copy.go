package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Copy writes a consistent copy of the database to a new file, while others
// may go on writing: what is committed when it begins is in it. The copy has
// the database's own file mode. Where the copy fails nothing is left of it.
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
		// Nobody else may read what a private database holds, not even while
		// it is written, and what is there already is not touched.
		f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode&0o600)
		if err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		err = errors.Join(f.Close(), b.copyInto(ctx, c, file), os.Chmod(file, mode))
		if err == nil {
			err = syncFile(file)
		}
		if err != nil {
			for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
				_ = os.Remove(file + suffix)
			}
			return fmt.Errorf("back up: %w", err)
		}
		return nil
	})
}

// copyInto fills an empty file with the database.
func (b *Backend) copyInto(ctx context.Context, c *connection, file string) error {
	if b.driver.Copy != nil {
		// The engine's backup waits for a lock without end; a reading
		// transaction of its own says at once that there is one.
		if err := c.exec(ctx, "SELECT count(*) FROM sqlite_schema"); err != nil {
			return err
		}
		return describe(b.driver.Copy(ctx, c.Conn, file))
	}
	_, err := c.ExecContext(ctx, "VACUUM INTO ?", file)
	return describe(err)
}

// syncFile makes what was written to a file durable.
func syncFile(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
