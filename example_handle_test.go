//go:build !csqlite

package fastmigrate_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // or any other SQLite driver

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/source"
)

// A program that has a handle on its database already, with a driver of its
// own choice, passes that. The handle stays as it was.
func Example_handle() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // in memory, each connection is a database of its own

	b := sqlite.New(db, sqlite.Options{})
	if _, err := fastmigrate.CreateDB(ctx, b); err != nil {
		log.Fatal(err)
	}
	if err := fastmigrate.RunMigrations(ctx, b, source.Dir("testdata/migrations")); err != nil {
		log.Fatal(err)
	}
	var version int
	if err := db.QueryRowContext(ctx, "SELECT version FROM _meta").Scan(&version); err != nil {
		log.Fatal(err)
	}
	fmt.Println("version", version)
	// Output: version 3
}

// One connection of a caller's is given back with the settings, the attached
// databases and the temporary tables it had.
func Example_connection() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = ON"); err != nil {
		log.Fatal(err)
	}

	b := sqlite.NewConn(conn, sqlite.Options{})
	if _, err := fastmigrate.CreateDB(ctx, b); err != nil {
		log.Fatal(err)
	}
	if err := fastmigrate.RunMigrations(ctx, b, source.Dir("testdata/migrations")); err != nil {
		log.Fatal(err)
	}
	var on bool
	if err := conn.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&on); err != nil {
		log.Fatal(err)
	}
	fmt.Println("foreign keys are still on:", on)
	// Output: foreign keys are still on: true
}

// A database that was made without migrations is adopted: its schema becomes
// the first of them.
func ExampleEnroll() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	path := filepath.Join(dir, "old.db")
	old, err := sql.Open("sqlite", path)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := old.ExecContext(ctx, "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)"); err != nil {
		log.Fatal(err)
	}
	if err := old.Close(); err != nil {
		log.Fatal(err)
	}

	db := sqlitefile.Open(path)
	defer db.Close()
	draft, err := fastmigrate.Enroll(ctx, db, filepath.Join(dir, "migrations"))
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(draft)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Base(draft))
	fmt.Print(string(text))
	fmt.Println(fastmigrate.Version(ctx, db))
	// Output:
	// 0001-initialize.sql
	// CREATE TABLE IF NOT EXISTS customers (id INTEGER PRIMARY KEY, name TEXT);
	// 0001 <nil>
}
