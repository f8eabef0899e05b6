package sqlite

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/migration"
)

// coded is an error of modernc.org/sqlite, which decorates the engine's message:
// the text of the result code in front, the number of the code behind.
// go-sqlite3 puts nothing around it.
type coded interface {
	error
	Code() int
}

// undecorated returns the engine's own message.
func undecorated(err error) string {
	text := err.Error()
	var c coded
	if !errors.As(err, &c) {
		return text
	}
	text, cut := strings.CutSuffix(text, fmt.Sprintf(" (%d)", c.Code()))
	if !cut {
		return text
	}
	for _, front := range fronts {
		rest, found := strings.CutPrefix(text, front+": ")
		switch {
		case found && rest == "not an error":
			return front // the failure is another connection's, as in a backup
		case found:
			return rest
		}
	}
	return text
}

// fronts are the texts of those result codes that come with a message of their
// own (sqlite3ErrStr).
var fronts = []string{
	"SQL logic error", "constraint failed", "database disk image is malformed", "unable to open database file",
	"datatype mismatch", "authorization denied", "string or blob too big", "disk I/O error", "interrupted",
	"attempt to write a readonly database", "database or disk is full", "access permission denied",
	"unknown operation", "locking protocol", "bad parameter or other API misuse", "out of memory",
	"large file support is disabled", "query aborted", "unknown error", "database schema has changed",
}

// knownErrors tells the engine's fixed texts for its result codes (sqlite3.h,
// sqlite3ErrStr), the only thing that both drivers have in common.
var knownErrors = []struct {
	text     string
	message  string
	sentinel error
}{
	{"database is locked", "the database is locked by another program", migration.ErrLocked},
	{"file is not a database", "the file is not a database", migration.ErrNotDatabase},
}

// describe returns err as a person should read it. It returns nil for nil.
func describe(err error) error {
	if err == nil {
		return nil
	}
	if _, done := err.(*fault.Described); done {
		return err
	}
	text := err.Error()
	for _, known := range knownErrors {
		if strings.Contains(text, known.text) {
			return &fault.Described{Message: known.message, Cause: err, Sentinel: known.sentinel}
		}
	}
	return &fault.Described{Message: undecorated(err), Cause: err}
}

// hintFor returns what to do about an error that the database gave.
func hintFor(err error) string {
	text := err.Error()
	for _, known := range []struct{ text, hint string }{
		{"locked by another program", "end the other program's transaction and run again"},
		{"readonly database", "the file, or its folder, must be writable for this user"},
		{"disk is full", "make room on the disk and run again; nothing of this migration was kept"},
		{"disk image is malformed", "the file is damaged: fastmigrate verify shows where; restore a backup"},
		{"not a database", "check the path; nothing was changed"},
		{"unable to open database file", "the file, or its folder, must be readable and writable for this user"},
		{"disk I/O error", "the disk could not be written; nothing of this migration was kept"},
	} {
		if strings.Contains(text, known.text) {
			return known.hint
		}
	}
	return ""
}
