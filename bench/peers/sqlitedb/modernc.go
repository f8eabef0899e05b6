//go:build !csqlite

package sqlitedb

import (
	"database/sql"
	"net/url"

	_ "modernc.org/sqlite" // the driver
)

// Open opens a file.
func Open(path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=synchronous(FULL)")
}
