//go:build !(csqlite && cgo)

package sqlitefile

import (
	"context"
	"database/sql"
	"fmt"

	"modernc.org/sqlite" // also registers the driver
)

const (
	driverName   = "sqlite"
	driverModule = "modernc.org/sqlite"
)

// pagesPerStep is how many pages a backup copies between two looks at whether
// it is cancelled.
const pagesPerStep = 1024

// backup copies the connection's database into a file by SQLite's online
// backup.
func backup(ctx context.Context, src *sql.Conn, file string) error {
	return src.Raw(func(conn any) error {
		source, ok := conn.(interface {
			NewBackup(string) (*sqlite.Backup, error)
		})
		if !ok {
			return fmt.Errorf("driver %T has no online backup", conn)
		}
		b, err := source.NewBackup(uri(file))
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if err = ctx.Err(); err == nil {
				more, err = b.Step(pagesPerStep)
			}
		}
		if failed := b.Finish(); err == nil {
			err = failed // it says again why a step failed
		}
		return err
	})
}
