package fastmigrate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing/fstest"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// newFile makes a database file in a folder of its own, which remove removes.
func newFile() (db *sqlite.Backend, path string, remove func()) {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	path = filepath.Join(dir, "app.db")
	db = sqlitefile.Open(path)
	if _, err := fastmigrate.CreateDB(context.Background(), db); err != nil {
		log.Fatal(err)
	}
	return db, path, func() {
		db.Close()
		os.RemoveAll(dir)
	}
}

// A backup is checked before it is called one, and again before it is restored;
// what it replaces is kept.
func ExampleRestore() {
	ctx := context.Background()
	db, path, remove := newFile()
	defer remove()

	backup := fastmigrate.BackupName(path, time.Now())
	if err := fastmigrate.Backup(ctx, db, backup); err != nil {
		log.Fatal(err)
	}
	if err := fastmigrate.RunMigrations(ctx, db, notes()); err != nil {
		log.Fatal(err)
	}
	restored, err := fastmigrate.Restore(ctx, db, backup, backend.RestoreOptions{Keep: path + ".before"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("version", restored.State, "again; what was there is in", filepath.Base(restored.Kept))

	_, err = fastmigrate.Restore(ctx, db, os.DevNull, backend.RestoreOptions{})
	fmt.Println(errors.Is(err, migration.ErrNotDatabase))
	// Output:
	// version 0 again; what was there is in app.db.before
	// true
}

// The backups beside a database, and the oldest of them removed.
func ExampleBackups() {
	ctx := context.Background()
	db, path, remove := newFile()
	defer remove()
	for _, day := range []int{1, 2, 3} {
		at := time.Date(2024, time.January, day, 12, 0, 0, 0, time.Local)
		if err := fastmigrate.Backup(ctx, db, fastmigrate.BackupName(path, at)); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := fastmigrate.PruneBackups(ctx, db, 2); err != nil {
		log.Fatal(err)
	}
	all, err := fastmigrate.Backups(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range all {
		fmt.Println(filepath.Base(b.File), "version", b.State)
	}
	// Output:
	// app.db.20240103_120000.backup version 0
	// app.db.20240102_120000.backup version 0
}

// PruneBackups removes the oldest backups, and no other file.
func ExamplePruneBackups() {
	ctx := context.Background()
	db, path, remove := newFile()
	defer remove()
	for _, day := range []int{1, 2, 3} {
		at := time.Date(2024, time.January, day, 12, 0, 0, 0, time.Local)
		if err := fastmigrate.Backup(ctx, db, fastmigrate.BackupName(path, at)); err != nil {
			log.Fatal(err)
		}
	}
	removed, err := fastmigrate.PruneBackups(ctx, db, 1)
	fmt.Println(len(removed), err)
	// Output:
	// 2 <nil>
}

// A run that fails gives the database back as it was, whatever had been applied.
func ExampleOptions_restoreOnFailure() {
	ctx := context.Background()
	db, path, remove := newFile()
	defer remove()
	m, err := fastmigrate.New(db, source.FS(fstest.MapFS{
		"0001-a.sql": {Data: []byte("CREATE TABLE a (x); VACUUM;")},
		"0002-b.sql": {Data: []byte("CREATE TABLE b (x); CREATE TABLE b (x);")},
	}), fastmigrate.Options{Backup: fastmigrate.BackupName(path, time.Now()), RestoreOnFailure: true})
	if err != nil {
		log.Fatal(err)
	}
	report, err := m.Up(ctx)
	fmt.Println(err)
	fmt.Println("restored:", report.Restored, "- version", report.End)
	// Output:
	// 0002-b.sql:1:34: table b already exists
	// restored: true - version 0
}

// What can't be part of one transaction, such as VACUUM, runs on a copy that
// becomes the database when all of it succeeded.
func ExampleOptions_atomic() {
	ctx := context.Background()
	db, _, remove := newFile()
	defer remove()
	m, err := fastmigrate.New(db, source.FS(fstest.MapFS{
		"0001-a.sql": {Data: []byte("CREATE TABLE a (x); VACUUM;")},
		"0002-b.sql": {Data: []byte("CREATE TABLE b (x); CREATE TABLE b (x);")},
	}), fastmigrate.Options{Atomic: true, OnEvent: func(e fastmigrate.Event) {
		if copied, ok := e.(fastmigrate.Copied); ok {
			fmt.Println(copied.Why)
		}
	}})
	if err != nil {
		log.Fatal(err)
	}
	report, err := m.Up(ctx)
	fmt.Println(err)
	fmt.Println("applied", len(report.Applied), "- version", report.End)
	// Output:
	// 0001-a.sql holds statements that must stand outside of a transaction
	// 0002-b.sql:1:34: table b already exists
	// applied 0 - version 0
}

// A run is tried out before it is let at the data.
func ExampleMigrator_Rehearse() {
	ctx := context.Background()
	db, _, remove := newFile()
	defer remove()
	m, err := fastmigrate.New(db, notes(), fastmigrate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	rehearsal, err := m.Rehearse(ctx, fastmigrate.Goal{}, backend.RehearseOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range rehearsal.Steps {
		for _, change := range step.Schema {
			fmt.Println(step.Step.File(), change.Change, change.Kind, change.Name)
		}
	}
	version, err := fastmigrate.Version(ctx, db)
	fmt.Println("still at version", version, err)
	// Output:
	// 0001-create-notes.sql added table notes
	// 0002-add-tags.sql added table tags
	// 0003-pin-notes.sql changed table notes
	// still at version 0000 <nil>
}
