// Command sqlite migrates a SQLite file with golang-migrate, by its driver
// sqlite3 under the build tag csqlite, by its driver sqlite without.
package main

import (
	"github.com/fastmigrate/fastmigrate/bench/peers/migrate"
	"github.com/fastmigrate/fastmigrate/bench/peers/migrate/sqlitedriver"
	"github.com/fastmigrate/fastmigrate/bench/peers/sqlitedb"
)

func main() { migrate.Main(sqlitedb.Open, sqlitedriver.Driver) }
