// Command goose measures goose's Up with nothing pending inside a running
// program, with the migrations embedded. The suite puts them in place of the one
// file here.
package main

import (
	"context"
	"embed"
	"io/fs"
	"os"

	"github.com/fastmigrate/fastmigrate/bench/inside/report"
	"github.com/fastmigrate/fastmigrate/bench/peers/sqlitedb"
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var embedded embed.FS

func main() {
	ctx := context.Background()
	folder, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err)
	}
	db, err := sqlitedb.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		panic(err)
	}
	report.Main(func() error {
		_, err := provider.Up(ctx)
		return err
	})
}
