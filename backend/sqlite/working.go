package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// workSuffix is what a copy has behind the database's name that is to become
// the database.
const workSuffix = ".fastmigrate-copy"

// real returns the path of the database's file itself, whatever links lead to
// it.
func (b *Backend) real() string {
	if real, err := filepath.EvalSymlinks(b.path); err == nil {
		return real
	}
	return b.path
}

// replaceable says whether the database can be replaced while others use it.
func (b *Backend) replaceable() bool {
	return b.owned && b.path != Memory && b.driver.Restore != nil
}

// unreplaceable says why it can't.
func (b *Backend) unreplaceable(op string) error {
	why := "the database lives in memory"
	if b.path != Memory {
		why = "the connection is the program's own, and its driver is not known to have an online backup"
	}
	return &migration.Error{
		Op: op, Err: fmt.Errorf("%w: %s", migration.ErrUnsupported, why),
		Hint: "open the database by its path",
	}
}

// vacate makes a path one at which a copy can be made: it removes what a killed
// run left there. An outside program that outlived its run may still work
// on that: its end is waited for.
func vacate(ctx context.Context, path string, o backend.SessionOptions) error {
	held, err := acquire(ctx, path, o)
	if err != nil {
		return err
	}
	removeDatabase(path)
	return held.Close()
}

// sweepCopy removes the copy that a killed run left, unless an outside program
// of that run still works on it.
func (b *Backend) sweepCopy(ctx context.Context) {
	if !b.owned {
		return
	}
	work := b.real() + workSuffix
	if free(work) != nil || free(work+lockSuffix) != nil {
		_ = vacate(ctx, work, backend.SessionOptions{LockTimeout: -1})
	}
}

// replacement is a file of ours that is to become the database.
type replacement struct {
	file     string
	journal  string // the journal mode that it had, and the database is to have
	pageSize int64
	bytes    int64
}

// ready makes a copy a single file that nobody has open, and says what it is.
// Where pageSize is not 0 it is the one that its pages are to have.
func (b *Backend) ready(ctx context.Context, file string, pageSize int64) (replacement, error) {
	r := replacement{file: file}
	err := b.opened(ctx, file, func(path string) (*sql.DB, error) { return b.driver.Open(path, false) }, func(c *connection) error {
		var now string
		err := c.exec(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", busyTimeout.Milliseconds()))
		if err == nil {
			r.journal, err = c.journal(ctx)
		}
		if err == nil {
			err = describe(c.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&now))
		}
		if err == nil && now != "delete" {
			err = fmt.Errorf("%w: it stays in journal mode %s", migration.ErrLocked, now)
		}
		if err == nil {
			r.pageSize, err = c.pageSize(ctx)
		}
		if err == nil && pageSize != 0 && pageSize != r.pageSize {
			r.pageSize = pageSize
			err = c.resize(ctx, pageSize)
		}
		if err == nil {
			r.bytes, err = c.size(ctx)
		}
		return err
	})
	if err != nil {
		return r, fmt.Errorf("the copy %s: %w", file, err)
	}
	return r, nil
}

func (c *connection) pageSize(ctx context.Context) (n int64, err error) {
	err = c.QueryRowContext(ctx, "PRAGMA main.page_size").Scan(&n)
	return n, describe(err)
}

// resize gives the database pages of another size.
func (c *connection) resize(ctx context.Context, pageSize int64) error {
	if err := c.exec(ctx, fmt.Sprintf("PRAGMA main.page_size = %d", pageSize)); err != nil {
		return err
	}
	return c.exec(ctx, "VACUUM main")
}

// roomToReplace fails where the disk has no room for what the engine writes
// while one database becomes another: the old pages into a journal, or the new
// ones into a log. more are bytes that are needed besides.
func (b *Backend) roomToReplace(old, replacing, more int64) error {
	return roomFor(filepath.Dir(b.real()), max(old, replacing)+max(0, replacing-old)+more)
}

// journalAs gives the database the journal mode that its replacement had. It
// can't be part of the transaction, and can't be done while others have the
// database open; the finding says so.
func (b *Backend) journalAs(ctx context.Context, r replacement) []migration.Finding {
	var now string
	err := b.apart(ctx, func(c *connection) error {
		var err error
		if now, err = c.journal(ctx); err != nil || (now == "wal") == (r.journal == "wal") {
			return err
		}
		if err = c.QueryRowContext(ctx, "PRAGMA main.journal_mode = "+r.journal).Scan(&now); err == nil && now != r.journal {
			err = fmt.Errorf("it stays in %s", now)
		}
		return errors.Join(describe(err))
	})
	if err == nil {
		return nil
	}
	return []migration.Finding{{
		Code:    migration.CodeTrailing,
		Message: fmt.Sprintf("the journal mode could not be set to %s: %v", r.journal, err),
		Hint:    fmt.Sprintf("when nobody has the database open, say PRAGMA journal_mode = %s", r.journal),
	}}
}

// sameFile says whether two paths lead to one file.
func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
