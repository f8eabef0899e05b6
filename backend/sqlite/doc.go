// Package sqlite migrates SQLite databases, over a caller's [sql.DB] or
// [sql.Conn] or over a file that it opens with a given driver. It imports no
// driver; [github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile] brings
// one.
//
// # How a script runs
//
// A script is read twice, in constant memory: once to find out what it is going
// to do, once to do it. Most scripts run whole inside one transaction of ours,
// together with their record; several of them share one transaction, each in a
// savepoint. A script that says BEGIN and COMMIT itself, or that holds
// statements that SQLite takes only outside of a transaction, is followed
// segment by segment, see segmenter: the progress is recorded inside each
// commit, and the version inside the last.
//
// # What is recorded
//
// The version stands in the table _meta, exactly as the Python tool fastmigrate
// makes it, and is the authority. The history table tells what was applied,
// when and by whom.
package sqlite
