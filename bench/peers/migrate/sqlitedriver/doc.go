// Package sqlitedriver is golang-migrate's driver sqlite3, over
// mattn/go-sqlite3, under the build tag csqlite, and its driver sqlite, over
// modernc.org/sqlite, without.
package sqlitedriver
