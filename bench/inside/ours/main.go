// Command ours measures Up with nothing pending inside a running program, with
// the migrations embedded. The suite puts them in place of the one file here.
package main

import (
	"context"
	"embed"
	"io/fs"
	"os"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/bench/inside/report"
	"github.com/fastmigrate/fastmigrate/source"
)

//go:embed migrations
var embedded embed.FS

func main() {
	ctx := context.Background()
	folder, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err)
	}
	db := sqlitefile.Open(os.Args[1])
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		panic(err)
	}
	m, err := fastmigrate.New(db, source.FS(folder), fastmigrate.Options{})
	if err != nil {
		panic(err)
	}
	report.Main(func() error {
		_, err := m.Up(ctx)
		return err
	})
}
