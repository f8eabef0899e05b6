//go:build csqlite && cgo

package sqlitefile

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/mattn/go-sqlite3" // also registers the driver
)

const (
	driverName   = "sqlite3"
	driverModule = "github.com/mattn/go-sqlite3"
)

// pagesPerStep is how many pages a backup copies between two looks at whether
// it is cancelled.
const pagesPerStep = 1024

// backup copies the connection's database into a file by SQLite's online
// backup.
func backup(ctx context.Context, src *sql.Conn, file string) error {
	return beside(src, uri(file)+"?mode=rw", func(conn, other *sqlite3.SQLiteConn) error {
		return copyPages(ctx, other, conn, nil)
	})
}

// restore writes the database in a file over the connection's, by SQLite's
// online backup the other way round.
func restore(ctx context.Context, dst *sql.Conn, file string, locked func() error) error {
	return beside(dst, uri(file)+"?mode=ro", func(conn, other *sqlite3.SQLiteConn) error {
		return copyPages(ctx, conn, other, locked)
	})
}

// beside calls f with the driver's own connection and with one to another file.
func beside(c *sql.Conn, name string, f func(conn, other *sqlite3.SQLiteConn) error) error {
	opened, err := (&sqlite3.SQLiteDriver{}).Open(name)
	if err != nil {
		return err
	}
	defer opened.Close()
	return c.Raw(func(conn any) error {
		own, ok := conn.(*sqlite3.SQLiteConn)
		if !ok {
			return fmt.Errorf("driver %T has no online backup", conn)
		}
		return f(own, opened.(*sqlite3.SQLiteConn))
	})
}

// copyPages carries a backup out. A first step of no pages takes the lock for
// writing on what is written to; then locked is called, if it is not nil.
func copyPages(ctx context.Context, dst, src *sqlite3.SQLiteConn, locked func() error) error {
	b, err := dst.Backup("main", src, "main")
	if err != nil {
		return err
	}
	// The driver does not tell a step that could not be made: one that brought
	// nothing nearer to the end.
	done, err := b.Step(0)
	if err == nil && !done && b.PageCount() == 0 {
		err = sqlite3.Error{Code: sqlite3.ErrBusy}
	}
	if err == nil && locked != nil {
		err = locked()
	}
	for !done && err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		left := b.Remaining()
		done, err = b.Step(pagesPerStep)
		if !done && err == nil && b.Remaining() == left {
			err = sqlite3.Error{Code: sqlite3.ErrBusy}
		}
	}
	if failed := b.Finish(); err == nil {
		err = failed // it says again why a step failed
	}
	return err
}
