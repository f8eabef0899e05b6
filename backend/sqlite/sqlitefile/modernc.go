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
		return copyPages(ctx, b, nil)
	})
}

// restore writes the database in a file over the connection's, by SQLite's
// online backup the other way round.
func restore(ctx context.Context, dst *sql.Conn, file string, locked func() error) error {
	return dst.Raw(func(conn any) error {
		target, ok := conn.(interface {
			NewRestore(string) (*sqlite.Backup, error)
		})
		if !ok {
			return fmt.Errorf("driver %T has no online backup", conn)
		}
		b, err := target.NewRestore(uri(file) + "?mode=ro")
		if err != nil {
			return err
		}
		return copyPages(ctx, b, locked)
	})
}

// copyPages carries a backup out. A first step of no pages takes the lock for
// writing on what is written to; then locked is called, if it is not nil.
func copyPages(ctx context.Context, b *sqlite.Backup, locked func() error) error {
	more, err := b.Step(0)
	if err == nil && locked != nil {
		err = locked()
	}
	for more && err == nil {
		if err = ctx.Err(); err == nil {
			more, err = b.Step(pagesPerStep)
		}
	}
	if failed := b.Finish(); err == nil {
		err = failed // it says again why a step failed
	}
	return err
}
