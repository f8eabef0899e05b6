// Command postgres migrates a PostgreSQL database with goose, over pgx.
package main

import (
	"database/sql"

	"github.com/fastmigrate/fastmigrate/bench/peers/goose"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver
	dialect "github.com/pressly/goose/v3"
)

func main() {
	goose.Main(dialect.DialectPostgres, func(url string) (*sql.DB, error) { return sql.Open("pgx", url) })
}
