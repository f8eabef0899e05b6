// Command mysql migrates a MySQL or MariaDB database with goose.
package main

import (
	"database/sql"

	"github.com/fastmigrate/fastmigrate/bench/peers/goose"
	_ "github.com/go-sql-driver/mysql" // the driver
	dialect "github.com/pressly/goose/v3"
)

func main() {
	goose.Main(dialect.DialectMySQL, func(dsn string) (*sql.DB, error) { return sql.Open("mysql", dsn) })
}
