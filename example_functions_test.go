package fastmigrate_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// statement returns a migration in Go that runs one statement.
func statement(text string) migration.Func {
	return func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, text)
		return err
	}
}

// Functions of the program are migrations, too, on any SQL database.
func ExampleNewFunctions() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db := sqlitefile.Open(filepath.Join(dir, "app.db"))
	defer db.Close()
	if err := db.Create(ctx); err != nil {
		log.Fatal(err)
	}

	var f source.Functions
	f.Add(0, "create_cats", statement("CREATE TABLE cats (name)"))
	f.Add(1, "create_dogs", statement("CREATE TABLE dogs (name)")).AddRollback(1, "drop_dogs", statement("DROP TABLE dogs"))
	m, err := fastmigrate.NewFunctions(db, &f, fastmigrate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := m.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	applied, err := m.Applied(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, record := range applied {
		fmt.Println(record.ID, record.Name)
	}
	if _, err := m.RollbackTo(ctx, 0); err != nil {
		log.Fatal(err)
	}
	fmt.Println(db.State(ctx)) // of numbered files, which live beside it
	// Output:
	// 0 create_cats
	// 1 create_dogs
	// 0 <nil>
}

// A migration in Go may stand among numbered files. To goes up or down, whichever
// way the version lies.
func ExampleMigrator_To() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db := sqlitefile.Open(filepath.Join(dir, "app.db"))
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	files := source.Dir("testdata/migrations").With(source.Code{
		Version: 4, Name: "count-rows", Up: statement("CREATE TABLE counts (n)"), Down: statement("DROP TABLE counts"),
	})
	m, err := fastmigrate.New(db, files, fastmigrate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, version := range []migration.State{"4", "3"} {
		report, err := m.To(ctx, version)
		if err != nil {
			log.Fatal(err)
		}
		last := report.Applied[len(report.Applied)-1]
		fmt.Println(last.Step.Direction, last.Step.File(), "to", report.End)
	}
	// Output:
	// up 0004-count-rows.go to 4
	// down rollback/0004-count-rows.go to 3
}

// Inside a transaction of the program's own, a run is all or nothing, and the
// program decides what becomes of it.
func Example_transaction() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db := sqlitefile.Open(filepath.Join(dir, "app.db"))
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	handle, err := db.DB()
	if err != nil {
		log.Fatal(err)
	}
	tx, err := handle.BeginTx(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := fastmigrate.RunMigrations(ctx, sqlite.NewTx(tx, sqlite.Options{}), source.Dir("testdata/migrations")); err != nil {
		log.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		log.Fatal(err)
	}
	version, err := fastmigrate.Version(ctx, db)
	fmt.Println("rolled back to version", int64(version), err)
	// Output: rolled back to version 0 <nil>
}
