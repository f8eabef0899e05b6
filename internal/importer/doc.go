// Package importer translates the migrations of another tool, and where a
// database stands by that tool's table, into ours. It is pure: files come from
// an [fs.FS] and go out as bytes, and a table comes in as text.
//
// What can't be carried over is never left out in silence: its number is taken
// by a script that stops whoever runs it, and the reason is told.
package importer
