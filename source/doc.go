// Package source turns what authors write into validated migrations. It reads
// names only: a body is opened when it is inspected or run.
//
// # Numbered files
//
// A migration is a regular file, or a link to one, whose name is exactly
// NNNN-anything.sql, .py or .sh: four ASCII digits, a hyphen, any text on one
// line, one of the three extensions in lower case. Other files are ignored.
// The number is the version that the database has once the file is applied.
// Gaps are fine, two files of one number are not. This is the naming rule of
// the Python tool fastmigrate.
//
// What leads back from a version lies in the folder rollback, under the same
// rule: rollback/0004-anything.sql undoes 0004. The Python tool does not look
// there.
package source
