// Package goose is what the programs with goose in them share. It is used as
// its documentation says for programs: a Provider over a *sql.DB and a folder,
// and its Up.
package goose

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	"github.com/pressly/goose/v3"
)

// Main brings the database that the first argument names to its newest version,
// by the migrations in the folder that the second names.
func Main(dialect goose.Dialect, open func(name string) (*sql.DB, error)) {
	if err := up(dialect, open); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func up(dialect goose.Dialect, open func(name string) (*sql.DB, error)) error {
	if len(os.Args) != 3 {
		return fmt.Errorf("usage: %s DATABASE FOLDER", os.Args[0])
	}
	db, err := open(os.Args[1])
	if err != nil {
		return err
	}
	defer db.Close()
	provider, err := goose.NewProvider(dialect, db, os.DirFS(os.Args[2]))
	if err != nil {
		return err
	}
	_, err = provider.Up(context.Background())
	return err
}
