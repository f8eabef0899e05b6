//go:build !csqlite

package sqlitedriver

import (
	"database/sql"

	"github.com/golang-migrate/migrate/v4/database"
	"github.com/golang-migrate/migrate/v4/database/sqlite"
)

// Driver returns the driver for an open database.
func Driver(db *sql.DB) (database.Driver, error) {
	return sqlite.WithInstance(db, &sqlite.Config{})
}
