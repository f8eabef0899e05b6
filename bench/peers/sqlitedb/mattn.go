//go:build csqlite

package sqlitedb

import (
	"database/sql"
	"net/url"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// Open opens a file.
func Open(path string) (*sql.DB, error) {
	return sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_sync=FULL")
}
