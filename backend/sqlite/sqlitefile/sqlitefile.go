// Package sqlitefile opens SQLite databases with the driver that fastmigrate
// ships: modernc.org/sqlite, which needs no C compiler, or, when built with cgo
// and the tag csqlite, github.com/mattn/go-sqlite3, which is SQLite's own C.
//
// Two SQLite libraries in one process break the locks on a file that both have
// open. A program that uses another driver passes its own handle to
// [github.com/fastmigrate/fastmigrate/backend/sqlite.New] instead.
package sqlitefile

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend/sqlite"
)

// Open returns a backend for the database file at path, every character of
// which is the path's own, or for a database in memory where path is
// ":memory:". Nothing is opened before it is needed, and only Create makes a
// file. Close the backend when done.
func Open(path string) *sqlite.Backend { return OpenWith(path, sqlite.Options{}) }

// OpenWith is like [Open], with options.
func OpenWith(path string, o sqlite.Options) *sqlite.Backend {
	return sqlite.File(path, Functions(), o)
}

// Functions returns what a backend needs of the driver that is built in, for a
// program that puts something of its own around one of them.
func Functions() sqlite.Driver {
	return sqlite.Driver{Open: open, Read: read, Copy: backup, Restore: restore}
}

// Driver names the driver that is built in, for reports of faults.
const Driver = driverModule

// open returns a handle on the file at path.
func open(path string, create bool) (*sql.DB, error) {
	if path == sqlite.Memory {
		return sql.Open(driverName, path)
	}
	mode := "rw"
	if create {
		mode = "rwc"
	}
	return sql.Open(driverName, uri(path)+"?mode="+mode)
}

// read returns a handle on a file that nobody writes to, for which nothing is
// locked and nothing made beside it.
func read(path string) (*sql.DB, error) {
	return sql.Open(driverName, uri(path)+"?mode=ro&immutable=1")
}

// uri returns a path as SQLite's URI file names want it (sqlite.org/uri.html),
// so that no character of it is taken for a part of a data source name.
func uri(path string) string {
	path = filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		path = "/" + path
	}
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	prefix := "file:"
	if strings.HasPrefix(path, "/") {
		prefix = "file://"
	}
	return prefix + strings.Join(parts, "/")
}
