// Command migrate measures golang-migrate's Up with nothing pending inside a
// running program, with the migrations embedded. The suite puts them in place of
// the one file here.
package main

// The same as in peers/migrate/sqlite.
import (
	"embed"
	"errors"
	"os"

	"github.com/fastmigrate/fastmigrate/bench/inside/report"
	"github.com/fastmigrate/fastmigrate/bench/peers/migrate/sqlitedriver"
	"github.com/fastmigrate/fastmigrate/bench/peers/sqlitedb"
	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/source/iofs"
)

//go:embed migrations
var embedded embed.FS

func main() {
	db, err := sqlitedb.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	defer db.Close()
	d, err := sqlitedriver.Driver(db)
	if err != nil {
		panic(err)
	}
	folder, err := iofs.New(embedded, "migrations")
	if err != nil {
		panic(err)
	}
	m, err := migrate.NewWithInstance("iofs", folder, "sqlite", d)
	if err != nil {
		panic(err)
	}
	report.Main(func() error {
		if err := m.Up(); !errors.Is(err, migrate.ErrNoChange) {
			return err
		}
		return nil
	})
}
