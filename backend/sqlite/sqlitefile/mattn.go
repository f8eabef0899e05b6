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
	opened, err := (&sqlite3.SQLiteDriver{}).Open(uri(file) + "?mode=rw")
	if err != nil {
		return err
	}
	defer opened.Close()
	dst := opened.(*sqlite3.SQLiteConn)
	return src.Raw(func(conn any) error {
		source, ok := conn.(*sqlite3.SQLiteConn)
		if !ok {
			return fmt.Errorf("driver %T has no online backup", conn)
		}
		b, err := dst.Backup("main", source, "main")
		if err != nil {
			return err
		}
		for done := false; !done && err == nil; {
			if err = ctx.Err(); err != nil {
				break
			}
			left := b.Remaining()
			done, err = b.Step(pagesPerStep)
			// The driver does not tell a step that could not be made.
			if !done && err == nil && b.Remaining() == left {
				err = sqlite3.Error{Code: sqlite3.ErrBusy}
			}
		}
		if failed := b.Finish(); err == nil {
			err = failed // it says again why a step failed
		}
		return err
	})
}
