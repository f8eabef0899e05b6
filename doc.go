// Package fastmigrate brings a database from the schema it has to the schema
// the program needs, without losing data.
//
// Migrations are numbered files in a folder, 0001-init.sql, 0002-backfill.py
// and so on; the database says itself at which version it stands, in the table
// _meta. A [Migrator] applies what is missing:
//
//	db := sqlitefile.Open("app.db")
//	defer db.Close()
//	m, err := fastmigrate.New(db, source.Dir("migrations"), fastmigrate.Options{})
//	…
//	report, err := m.Up(ctx)
//
// A migration written in SQL is never half applied, never applied twice and
// never lost, whatever is killed when. For those who want one call there are
// [CreateDB], [RunMigrations], [Version], [Backup] and [Enroll].
//
// This package knows no database. Backends are passed in as values, see
// package backend/sqlite/sqlitefile for SQLite and package connect, which picks
// one by a path or URL.
package fastmigrate
