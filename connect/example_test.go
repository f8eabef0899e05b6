package connect_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/connect"
)

// A database is named by a path or a URL, and the backend is found.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	folder := filepath.Join(dir, "migrations")
	if err := os.Mkdir(folder, 0o777); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "0001-init.sql"), []byte("CREATE TABLE notes (body TEXT);"), 0o666); err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	path := filepath.Join(dir, "app.db")
	for _, name := range []string{path, "postgres://app:secret@db.example.com/shop", "mariadb://app@db.example.com/shop"} {
		db, err := connect.Open(ctx, name, folder)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(db.Name()) // nothing has been dialled
		defer db.Close()
	}
	db, err := connect.Open(ctx, path, folder)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	if err := connect.RunMigrations(ctx, path, folder); err != nil {
		log.Fatal(err)
	}
	version, err := fastmigrate.Version(ctx, db)
	fmt.Println("version", int64(version), err)
	// Output:
	// sqlite
	// postgres
	// mysql
	// version 1 <nil>
}
