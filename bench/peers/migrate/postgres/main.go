// Command postgres migrates a PostgreSQL database with golang-migrate, by its
// driver pgx/v5.
package main

import (
	"database/sql"

	"github.com/fastmigrate/fastmigrate/bench/peers/migrate"
	"github.com/golang-migrate/migrate/v4/database"
	pgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
)

func main() {
	migrate.Main(
		func(url string) (*sql.DB, error) { return sql.Open("pgx/v5", url) },
		func(db *sql.DB) (database.Driver, error) { return pgx.WithInstance(db, &pgx.Config{}) })
}
