// Package mysql migrates MariaDB and MySQL databases with the driver
// github.com/go-sql-driver/mysql.
//
// # How a script runs
//
// A statement that defines something, such as CREATE TABLE, commits by itself
// here, so a script can't be kept whole by one transaction. It is followed
// statement by statement instead, see segmenter. A statement that changes rows
// is committed together with its mark, the progress in the history. A statement
// that defines something is marked as begun first, with what was there before,
// and marked as done afterwards. A later run goes on behind the last mark; of a
// statement that was begun and is not known to have ended it finds out what
// came of it, and where that can't be told it asks, see judge.
//
// A script of nothing but statements that change rows runs whole in one
// transaction, together with its record.
//
// # Connections
//
// The script has a connection of its own, which is thrown away where the script
// left something behind on it. Marks that are not part of the script's
// transaction are made over a second one, which no script touches, so that they
// do not depend on sql_mode, locked tables or anything else that a script set.
// A third keeps the lock.
//
// A backend over a caller's own connection or transaction has that one for
// everything, and runs what changes rows only, see [NewConn].
//
// # Functions
//
// A function of the program is followed in the same way: what it changes in rows
// is in one transaction with its record, and before the first statement that the
// server commits by itself the history says that it is begun.
//
// # What is recorded
//
// The version stands in the table _meta and is the authority; of functions and
// revisions, the rows of the table migrations are. The history table
// tells what was applied; _fastmigrate_progress holds the marks of a script
// that is not finished, and _fastmigrate_lock who is at work.
package mysql
