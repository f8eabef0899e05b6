package fastmigrate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// A column is to refuse empty texts: SQLite has no ALTER TABLE for that. The
// script is the text of the next migration.
func ExampleRebuild() {
	ctx := context.Background()
	db := sqlitefile.Open(sqlite.Memory)
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	if err := fastmigrate.RunMigrations(ctx, db, notes()); err != nil {
		log.Fatal(err)
	}
	script, err := fastmigrate.Rebuild(ctx, db, backend.Rebuild{
		Table:  "notes",
		Change: []string{"text TEXT NOT NULL CHECK (text <> '')"},
		Fill:   map[string]string{"text": "coalesce(nullif(text, ''), '?')"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Contains(string(script), "DROP TABLE \"notes\";\nALTER TABLE"))
	_, err = fastmigrate.Rebuild(ctx, db, backend.Rebuild{Table: "notes", Columns: "id INTEGER PRIMARY KEY"})
	fmt.Println(errors.Is(err, migration.ErrRefused), err)
	// Output:
	// true
	// true column text of notes would be lost
}

func ExampleDump() {
	ctx := context.Background()
	db := sqlitefile.Open(sqlite.Memory)
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	if err := fastmigrate.RunMigrations(ctx, db, notes()); err != nil {
		log.Fatal(err)
	}
	schema, err := fastmigrate.Dump(ctx, db)
	table, _, _ := strings.Cut(string(schema), ";")
	fmt.Println(table, err)
	// Output:
	// CREATE TABLE IF NOT EXISTS notes (
	//     id   INTEGER PRIMARY KEY,
	//     text TEXT NOT NULL
	// , pinned INTEGER NOT NULL DEFAULT 0) <nil>
}

func ExampleDumpFile() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db := sqlitefile.Open(sqlite.Memory)
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	if err := fastmigrate.RunMigrations(ctx, db, notes()); err != nil {
		log.Fatal(err)
	}
	file := filepath.Join(dir, "schema.sql")
	err = fastmigrate.DumpFile(ctx, db, file)
	text, _ := os.ReadFile(file)
	fmt.Println(strings.Count(string(text), "CREATE TABLE"), err)
	// Output: 2 <nil>
}
