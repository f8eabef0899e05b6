// Package postgres migrates PostgreSQL databases, with pgx.
//
// # How a script runs
//
// A script is read twice, in constant memory: once to find out what it is going
// to do, once to do it. Most scripts run whole inside one transaction of ours,
// together with their record. A small one is sent as a single message of the
// simple protocol (BEGIN, the script, the record, COMMIT), so that it costs one
// round trip; a large one goes in pieces of whole statements, and the data of
// COPY as a stream. Many small ones that come one after the other go in one
// message, each still in a transaction of its own, see message. A script that
// says BEGIN and COMMIT itself, or that holds statements that PostgreSQL takes
// only outside of a transaction, is followed segment by segment, see segmenter:
// the progress is recorded inside each commit, and the version inside the last.
//
// Only the simple protocol is used, and no state of the connection is relied
// upon from one message to the next, so that a pooler that hands out a connection
// for each transaction may stand in between.
//
// # What is recorded
//
// The version stands in the table _meta and is the authority. The history table
// tells what was applied, when and by whom. Both are always named with their
// schema: a dump empties search_path. For functions and for revisions of a graph
// the table migrations is the authority, see book; the history is written only
// where it is asked for.
//
// # A caller's connection
//
// [NewPool], [NewConn], [NewTx] and their likes work on what a program has. What
// such a connection is like is read first, and put back after each step, see
// surroundings: nothing that was there before is thrown away. One connection has
// the lock, and the scripts. In a transaction of the caller's a savepoint stands
// for each transaction of ours.
package postgres
