// Command sqlite migrates a SQLite file with goose.
package main

import (
	"github.com/fastmigrate/fastmigrate/bench/peers/goose"
	"github.com/fastmigrate/fastmigrate/bench/peers/sqlitedb"
	dialect "github.com/pressly/goose/v3"
)

func main() { goose.Main(dialect.DialectSQLite3, sqlitedb.Open) }
