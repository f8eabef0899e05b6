// Package migrate is what the programs with golang-migrate in them share. It is
// used as its documentation says for existing connections: a driver over a
// *sql.DB, a file:// source, and Up.
package migrate

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	_ "github.com/golang-migrate/migrate/v4/source/file" // the source
)

// Main brings the database that the first argument names to its newest version,
// by the migrations in the folder that the second names.
func Main(open func(name string) (*sql.DB, error), driver func(*sql.DB) (database.Driver, error)) {
	if err := up(open, driver); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func up(open func(name string) (*sql.DB, error), driver func(*sql.DB) (database.Driver, error)) error {
	if len(os.Args) != 3 {
		return fmt.Errorf("usage: %s DATABASE FOLDER", os.Args[0])
	}
	db, err := open(os.Args[1])
	if err != nil {
		return err
	}
	defer db.Close()
	d, err := driver(db)
	if err != nil {
		return err
	}
	m, err := migrate.NewWithDatabaseInstance("file://"+filepath.ToSlash(os.Args[2]), "", d)
	if err != nil {
		return err
	}
	if err := m.Up(); err != nil && !errors.Is(err, migrate.ErrNoChange) {
		return err
	}
	return errors.Join(m.Close())
}
