package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
)

// backupTime is how the name of a backup tells, between that of the database
// and the extension, when it was made: in local time.
const (
	backupTime      = "20060102_150405"
	backupExtension = ".backup"
)

// Backups returns the backups that lie beside the database, newest first: the
// files that are named after it as a backup is.
func (b *Backend) Backups(ctx context.Context) ([]backend.BackupFile, error) {
	if !b.owned || b.path == Memory {
		return nil, b.unreplaceable("list backups")
	}
	entries, err := os.ReadDir(filepath.Dir(b.path))
	if err != nil {
		return nil, fmt.Errorf("list backups: %w", err)
	}
	var all []backend.BackupFile
	for _, e := range entries {
		made, ok := backupMade(e.Name(), filepath.Base(b.path))
		file := beside(b.path, e.Name())
		if !ok || !e.Type().IsRegular() || sameFile(file, b.path) {
			continue
		}
		f := backend.BackupFile{File: file, Time: made}
		if info, err := e.Info(); err == nil {
			f.Bytes = info.Size()
		}
		f.Err = b.backupAt(ctx, f.File, func(c *connection) error {
			f.State, err = c.standing(ctx)
			return err
		})
		all = append(all, f)
	}
	slices.SortStableFunc(all, func(x, y backend.BackupFile) int { return y.Time.Compare(x.Time) })
	return all, ctx.Err()
}

// backupMade returns when the backup with a name was made, if it is one of the
// database.
func backupMade(name, database string) (time.Time, bool) {
	rest, ours := strings.CutPrefix(name, database+".")
	stamp, extension := strings.CutSuffix(rest, backupExtension)
	if !ours || !extension {
		return time.Time{}, false
	}
	made, err := time.ParseInLocation(backupTime, stamp, time.Local)
	return made, err == nil && made.Format(backupTime) == stamp
}

// sweep removes what backups left that were killed: a copy that has no name yet,
// or the file of a lock.
func (b *Backend) sweep(ctx context.Context) {
	if !b.owned || b.path == Memory {
		return
	}
	entries, err := os.ReadDir(filepath.Dir(b.path))
	if err != nil {
		return
	}
	for _, e := range entries {
		name, unnamed := strings.CutSuffix(e.Name(), newSuffix)
		name, locked := strings.CutSuffix(name, lockSuffix)
		if _, ours := backupMade(name, filepath.Base(b.path)); !unnamed && !locked || !ours {
			continue
		}
		file := beside(b.path, name)
		held, err := acquire(ctx, file, backend.SessionOptions{LockTimeout: -1})
		if err != nil {
			continue // it is being made
		}
		removeDatabase(file + newSuffix)
		_ = held.Close()
	}
}

// backupName returns a name for a backup that nothing has. Where that of this
// second is taken it is the next.
func (b *Backend) backupName() string {
	for at := time.Now(); ; at = at.Add(time.Second) {
		name := b.path + "." + at.Local().Format(backupTime) + backupExtension
		if free(name) == nil {
			return name
		}
	}
}

// beside returns the path of a file in the folder of another, written as that
// one is.
func beside(path, name string) string {
	dir, _ := filepath.Split(path)
	return dir + name
}
