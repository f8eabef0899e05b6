package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/filelock"
	"github.com/fastmigrate/fastmigrate/internal/newfile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// newSuffix is what a database, or a copy of one, has behind its name while it
// is being made.
const newSuffix = ".fastmigrate-new"

// Create makes a database file with the version table in it, at version 0, and
// the folders that lead to it. The file appears whole or not at all. Where the
// backend is over a caller's handle, or in memory, only the table is made.
//
// A file that is there already is never written to: the error wraps
// [migration.ErrManaged] or says what else it is.
func (b *Backend) Create(ctx context.Context) error {
	if !b.owned || b.path == Memory {
		return b.createTable(ctx)
	}
	if b.path == "" {
		return b.exists()
	}
	if _, err := os.Stat(b.path); err == nil {
		return b.present(ctx)
	}
	made, err := newfile.MakeFolders(filepath.Dir(b.path))
	if err == nil {
		err = b.createLocked(ctx)
	}
	if err != nil {
		for _, folder := range made {
			_ = os.Remove(folder) // fails where somebody put something into it
		}
	}
	return err
}

// createLocked makes the database file, one program at a time.
func (b *Backend) createLocked(ctx context.Context) error {
	held, err := acquire(ctx, b.path, backend.SessionOptions{})
	if err != nil {
		return err
	}
	err = b.createFile(ctx)
	return errors.Join(err, held.Close())
}

// present says what the file is that stands at the path.
func (b *Backend) present(ctx context.Context) error {
	if err := b.exists(); err != nil {
		return err
	}
	if b.book.kind() != migration.Files {
		return b.createTable(ctx)
	}
	state, err := b.State(ctx)
	if err == nil {
		return &managed{state: state, path: b.path}
	}
	return err
}

// managed says that the database has a version table already.
type managed struct {
	state migration.State
	path  string
}

func (m *managed) Error() string {
	return fmt.Sprintf("%v at version %s: %s", migration.ErrManaged, m.state, m.path)
}

func (m *managed) Unwrap() error { return migration.ErrManaged }

// createFile makes the database under another name and then gives it its own,
// which fails where somebody else was faster.
func (b *Backend) createFile(ctx context.Context) error {
	if _, err := os.Lstat(b.path); err == nil {
		return b.present(ctx)
	}
	made := b.path + newSuffix
	removeDatabase(made) // what a killed run left
	defer removeDatabase(made)
	if err := b.fill(ctx, made); err != nil {
		return fmt.Errorf("create %s: %w", b.path, err)
	}
	err := newfile.Move(made, b.path)
	if errors.Is(err, os.ErrExist) {
		return b.present(ctx)
	}
	if err != nil {
		return fmt.Errorf("create %s: %w", b.path, err)
	}
	return newfile.SyncFolder(filepath.Dir(b.path))
}

// fill makes a new database file with the version table in it.
func (b *Backend) fill(ctx context.Context, file string) error {
	db, err := b.driver.Open(file, true)
	if err != nil {
		return describe(err)
	}
	_, err = db.ExecContext(ctx, "BEGIN IMMEDIATE; "+strings.Join(b.book.create(), "; ")+"; COMMIT")
	return errors.Join(describe(err), db.Close())
}

// removeDatabase removes a database file, if it is there, with what SQLite has
// beside it: first that, so that nothing of it is left without the file.
func removeDatabase(file string) {
	for _, suffix := range []string{"-journal", "-wal", "-shm", ""} {
		_ = os.Remove(file + suffix)
	}
}

// createTable makes the version table in a database that is open.
func (b *Backend) createTable(ctx context.Context) error {
	return b.use(ctx, func(c *connection) error {
		state, err := c.state(ctx)
		if err == nil && b.book.kind() != migration.Files {
			var columns []string
			if columns, err = c.columns(ctx, b.book.table()); err == nil && len(columns) == 0 {
				return c.write(ctx, func() error { return nil }) // makes the table
			}
		}
		if err == nil {
			return &managed{state: state, path: b.path}
		}
		if !errors.Is(err, migration.ErrNotManaged) {
			return err
		}
		return c.adopt(ctx, 0, nil)
	})
}

// Enroll adopts a database that has no version table.
func (b *Backend) Enroll(ctx context.Context, e migration.Entry) error {
	if b.book.kind() != migration.Files {
		return &migration.Error{
			Op: "enroll", Err: fmt.Errorf("%w: %s are not enrolled", migration.ErrUnsupported, b.book.kind()),
			Hint: "a database without the table migrations has nothing applied; fastmigrate mark records where it stands",
		}
	}
	to, err := e.To.Version()
	if err != nil {
		return err
	}
	file, err := b.lockedFile(ctx)
	if err != nil {
		return err
	}
	var held *filelock.Lock
	if file != "" {
		if held, err = acquire(ctx, file, backend.SessionOptions{}); err != nil {
			return err
		}
	}
	err = b.use(ctx, func(c *connection) error {
		state, err := c.state(ctx)
		if err == nil {
			return &managed{state: state, path: b.path}
		}
		if !errors.Is(err, migration.ErrNotManaged) {
			return err
		}
		e.Status, e.StartedAt, e.FinishedAt = migration.Enrolled, now(), now()
		return c.adopt(ctx, to, &e)
	})
	return errors.Join(err, held.Close())
}

// adopt makes the version table, and the history with an entry if there is
// one, in one transaction.
func (c *connection) adopt(ctx context.Context, v migration.Version, e *migration.Entry) error {
	if err := c.exec(ctx, c.opening()); err != nil {
		return c.named(err)
	}
	err := c.exec(ctx, createMeta)
	if err == nil {
		_, err = c.ExecContext(ctx, "INSERT INTO main._meta (id, version) VALUES (1, ?)", int64(v))
	}
	if err == nil && e != nil {
		if err = c.exec(ctx, c.backend.table.Create()); err == nil {
			_, err = c.insert(ctx, *e)
		}
	}
	if err == nil {
		err = c.commit(ctx, "COMMIT")
	}
	if err != nil {
		return errors.Join(c.named(describe(err)), c.rollback())
	}
	return nil
}
