// Package sqlitedb opens a SQLite file for the peers, with the driver that our
// own program has under the same build tag: mattn/go-sqlite3 with csqlite,
// modernc.org/sqlite without.
//
// Either way with synchronous=FULL, which is what SQLite does unasked and what
// we and the shell do; mattn/go-sqlite3 would take NORMAL, and a peer that syncs
// less would not have done the same work.
package sqlitedb
