// Command mysql migrates a MySQL or MariaDB database with golang-migrate.
package main

import (
	"database/sql"

	"github.com/fastmigrate/fastmigrate/bench/peers/migrate"
	"github.com/golang-migrate/migrate/v4/database"
	"github.com/golang-migrate/migrate/v4/database/mysql"
)

func main() {
	migrate.Main(
		func(dsn string) (*sql.DB, error) { return sql.Open("mysql", dsn) },
		func(db *sql.DB) (database.Driver, error) { return mysql.WithInstance(db, &mysql.Config{}) })
}
