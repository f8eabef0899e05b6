// Package migration holds the nouns that every other package speaks in: what a
// migration is, where a database stands, what is planned, what was recorded,
// and how a failure is told.
//
// It knows no database and no file system, and imports nothing of this module.
package migration
