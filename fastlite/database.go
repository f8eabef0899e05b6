// Package fastlite is the short way to migrations as functions in code, on
// SQLite, as the Python tool fastlite-migrations has it: one call opens the
// database and gives one value with its migrations.
//
//	db, err := fastlite.Database("app.db")
//	…
//	db.Add(0, "init_db", func(ctx context.Context, tx migration.Tx) error {
//		_, err := tx.ExecContext(ctx, "CREATE TABLE cats (name PRIMARY KEY)")
//		return err
//	})
//	report, err := db.Migrate(ctx)
//
// The database has one more table then, migrations, which the Python tool goes
// on working with. For other databases, or a handle of one's own, see
// [fastmigrate.NewFunctions].
package fastlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// Options says how a database is opened. The zero value is ready to use.
type Options struct {
	// NoWAL leaves the journal mode as it is; otherwise the database gets a
	// write-ahead log.
	NoWAL bool
	// Migrator says how the migrations run.
	Migrator fastmigrate.Options
}

// DB is a SQLite database with its migrations: the handle, to work with, and the
// functions that were added. Migrate, Rollback, RollbackTo, Applied and
// LastApplied are those of [fastmigrate.Functions].
//
// A function works through the transaction that it is given. In a database in
// memory there is one connection, so that a function that asks the handle for
// another waits for ever.
type DB struct {
	*sql.DB
	*fastmigrate.Functions
	functions source.Functions
	backend   *sqlite.Backend
}

// Database opens the SQLite database at path, with a write-ahead log, and makes
// the file where it is not there, with the table migrations in it. ":memory:" is
// a database in memory. Close it when done.
func Database(path string) (*DB, error) { return DatabaseWith(path, Options{}) }

// DatabaseWith is like [Database], with options.
func DatabaseWith(path string, o Options) (*DB, error) {
	db := &DB{backend: sqlitefile.Open(path)}
	if err := db.open(o); err != nil {
		return nil, errors.Join(err, db.backend.Close())
	}
	return db, nil
}

func (db *DB) open(o Options) error {
	ctx := context.Background()
	kept, err := backend.Keep(db.backend, backend.Book{Kind: migration.Functions, History: o.Migrator.History})
	if err != nil {
		return err
	}
	if err := kept.Create(ctx); err != nil && !errors.Is(err, migration.ErrManaged) {
		return err
	}
	if db.Functions, err = fastmigrate.NewFunctions(kept, &db.functions, o.Migrator); err != nil {
		return err
	}
	if db.DB, err = db.backend.DB(); err != nil || o.NoWAL {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA journal_mode = WAL")
	return err
}

// Add registers the migration with a number; see [source.Functions.Add].
func (db *DB) Add(id int, name string, up migration.Func) { db.functions.Add(id, name, up) }

// AddRollback registers what takes the migration with a number back; see
// [source.Functions.AddRollback].
func (db *DB) AddRollback(id int, name string, down migration.Func) {
	db.functions.AddRollback(id, name, down)
}

// Close closes the database.
func (db *DB) Close() error { return db.backend.Close() }
