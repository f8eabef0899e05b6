package mysql_test

import (
	"context"
	"database/sql"
	"log"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/mysql"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// A program that has a handle migrates over it; the handle is its own as before.
func ExampleNew() {
	db, err := sql.Open("mysql", "app:secret@tcp(localhost:3306)/shop")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	m, err := fastmigrate.New(mysql.New(db, mysql.Options{}), source.Dir("migrations"), fastmigrate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := m.Up(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// What changes rows can be part of the program's own transaction.
func ExampleNewTx() {
	ctx := context.Background()
	db, err := sql.Open("mysql", "app:secret@tcp(localhost:3306)/shop")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer tx.Rollback()
	var functions source.Functions
	functions.Add(0, "prices", func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE products SET price = price * 100")
		return err
	})
	m, err := fastmigrate.NewFunctions(mysql.NewTx(tx, mysql.Options{}), &functions, fastmigrate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := m.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		log.Fatal(err)
	}
}
