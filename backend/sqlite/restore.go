package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/newfile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Restore makes the database what a backup holds, while others may have it
// open: they see the old database or the new one. The backup is checked first,
// on a copy of it beside the database, and what is replaced is kept. A database
// that is not there is made.
func (b *Backend) Restore(ctx context.Context, file string, o backend.RestoreOptions) (backend.Restored, error) {
	if !b.replaceable() {
		return backend.Restored{}, b.unreplaceable("restore")
	}
	session := backend.SessionOptions{LockTimeout: o.LockTimeout, Waiting: o.Waiting}
	held, err := acquire(ctx, b.path, session)
	if err != nil {
		return backend.Restored{}, err
	}
	restored, err := b.restore(ctx, file, o.Keep, session)
	return restored, errors.Join(err, held.Close())
}

// Restore does what [Backend.Restore] does, under the lock of the session.
func (s *session) Restore(ctx context.Context, file string, o backend.RestoreOptions) (backend.Restored, error) {
	if !s.backend.replaceable() {
		return backend.Restored{}, s.backend.unreplaceable("restore")
	}
	if s.conn != nil {
		if err := s.drop(); err != nil {
			return backend.Restored{}, err
		}
	}
	return s.backend.restore(ctx, file, o.Keep, s.options)
}

// restore is Restore under the lock.
func (b *Backend) restore(ctx context.Context, file, keep string, o backend.SessionOptions) (backend.Restored, error) {
	var restored backend.Restored
	work := b.real() + workSuffix
	if keep == "" {
		keep = b.backupName()
	}
	err := vacate(ctx, work, o)
	if err == nil {
		defer removeDatabase(work)
		restored.State, err = b.fetch(ctx, file, work)
	}
	if err != nil {
		return backend.Restored{}, fmt.Errorf("restore %s: %w", file, err)
	}
	r, err := b.supplant(ctx, file, work, keep)
	if err != nil {
		return backend.Restored{}, fmt.Errorf("restore: %w", err)
	}
	if _, err := os.Lstat(keep); err == nil {
		restored.Kept = keep
	}
	restored.Findings = b.journalAs(context.WithoutCancel(ctx), r)
	return restored, nil
}

// fetch copies a backup to where it is worked on, checks the copy, and returns
// its state.
func (b *Backend) fetch(ctx context.Context, file, work string) (migration.State, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%w: it is no file", migration.ErrNotDatabase)
	case sameFile(file, b.path):
		return "", errors.New("it is the database itself")
	}
	var state migration.State
	err = b.backupAt(ctx, file, func(c *connection) error {
		if n, err := c.size(ctx); err == nil && n == 0 {
			return fmt.Errorf("%w: it is empty", migration.ErrNotDatabase)
		}
		_, err := c.backend.copyFresh(ctx, c, work)
		return err
	})
	if err == nil {
		err = b.reading(ctx, work, func(c *connection) error {
			if _, err := c.sound(ctx, "main"); err != nil {
				return err
			}
			state, err = c.standing(ctx)
			return err
		})
	}
	return state, malformed(err)
}

// backupAt calls f with a connection to a backup. One whose database had a
// write-ahead log, of which nothing is left beside it, is read as a file that
// nobody writes to: the engine would make a log beside it, which is not possible
// everywhere.
func (b *Backend) backupAt(ctx context.Context, file string, f func(*connection) error) error {
	logged, err := writesAhead(file)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(file + "-wal"); logged && errors.Is(err, fs.ErrNotExist) {
		return b.reading(ctx, file, f)
	}
	return b.as(file).use(ctx, func(c *connection) error {
		return errors.Join(f(c), c.backend.Close())
	})
}

// writesAhead says whether the header of a database file tells of a write-ahead
// log (sqlite.org/fileformat.html, offset 18).
func writesAhead(file string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var header [20]byte
	if _, err := io.ReadFull(f, header[:]); err != nil || !strings.HasPrefix(string(header[:]), "SQLite format 3\x00") {
		return false, fmt.Errorf("%w: it does not begin as one", migration.ErrNotDatabase)
	}
	return header[18] == 2, nil
}

// supplant makes the database what the copy holds, and keeps what was there.
func (b *Backend) supplant(ctx context.Context, file, work, keep string) (replacement, error) {
	if err := free(keep); err != nil {
		return replacement{}, err
	}
	if _, err := os.Stat(b.path); errors.Is(err, fs.ErrNotExist) {
		return b.placeAnew(ctx, file, work, keep)
	}
	var r replacement
	var journal string
	c, err := b.connect(ctx)
	if err == nil {
		if journal, err = c.journal(ctx); err != nil {
			err = errors.Join(err, c.discard())
		}
	}
	if unusable(err) {
		return b.placeOver(ctx, work, keep)
	}
	if err != nil {
		return r, err
	}
	var pageSize, size int64
	if journal == "wal" { // the engine can't change it then
		pageSize, err = c.pageSize(ctx)
	}
	if err == nil {
		size, err = c.size(ctx)
	}
	if err == nil {
		r, err = b.ready(ctx, work, pageSize)
	}
	if err == nil {
		err = b.roomToReplace(size, r.bytes, size)
	}
	if err == nil {
		err = b.replace(ctx, c, work, func(c *connection) error {
			mode, err := c.mode(ctx)
			if err == nil {
				err = b.copyAs(ctx, c, keep, mode, nil)
			}
			if err != nil {
				return fmt.Errorf("keep what is replaced: %w", err)
			}
			return nil
		})
	}
	return r, errors.Join(err, c.discard())
}

// unusable says whether the file is so far from a database that the engine does
// not write to it.
func unusable(err error) bool {
	return errors.Is(err, migration.ErrNotDatabase) || err != nil && strings.Contains(err.Error(), "malformed")
}

// placeAnew gives the copy the database's name, which nothing has.
func (b *Backend) placeAnew(ctx context.Context, file, work, keep string) (replacement, error) {
	r, err := b.ready(ctx, work, 0)
	if err != nil {
		return r, err
	}
	info, err := os.Stat(file)
	if err = errors.Join(err, b.Close()); err != nil {
		return r, err
	}
	if err := setAside(b.real(), keep); err != nil {
		return r, err
	}
	return r, publish(work, b.real(), info.Mode().Perm())
}

// placeOver gives the copy the database's name, in one step, in place of a file
// that is no database any more: nobody can be working with it.
func (b *Backend) placeOver(ctx context.Context, work, keep string) (replacement, error) {
	real := b.real()
	r, err := b.ready(ctx, work, 0)
	if err = errors.Join(err, b.Close()); err != nil {
		return r, err
	}
	info, err := os.Stat(real)
	if err == nil {
		err = setAside(real, keep)
	}
	if err == nil {
		err = os.Link(real, keep)
	}
	if err == nil {
		err = os.Chmod(work, info.Mode().Perm())
	}
	if err == nil {
		err = syncFile(work)
	}
	if err == nil {
		err = os.Rename(work, real)
	}
	if err == nil {
		err = newfile.SyncFolder(filepath.Dir(real))
	}
	return r, err
}

// setAside gives what SQLite has beside a database, which would be taken for
// that of the new one, the name under which the old one is kept.
func setAside(real, keep string) error {
	for _, suffix := range []string{"-journal", "-wal"} {
		if err := os.Rename(real+suffix, keep+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	_ = os.Remove(real + "-shm")
	return nil
}
