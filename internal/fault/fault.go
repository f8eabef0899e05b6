// Package fault makes errors that a person can act on, the same for every
// database: where it was, what the database said, what to do next.
package fault

import (
	"errors"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Described is a database's error with the driver's decoration taken off, and
// with the sentinel that belongs to it.
type Described struct {
	Message  string
	Cause    error
	Sentinel error // may be nil
}

func (d *Described) Error() string { return d.Message }

// Unwrap returns the cause, and the sentinel if there is one.
func (d *Described) Unwrap() []error {
	if d.Sentinel == nil {
		return []error{d.Cause}
	}
	return []error{d.Cause, d.Sentinel}
}

// refused is an error for which [migration.ErrRefused] stands, in its own words.
type refused struct{ error }

func (r refused) Is(target error) bool { return target == migration.ErrRefused }

// Refused returns an error for which [migration.ErrRefused] stands, in the words
// of why.
func Refused(why error) error { return refused{why} }

// Refuse says that a script must not be run, and where. A line or column of 0 is
// not known.
func Refuse(file string, line, column int, statement []byte, why error) error {
	return &migration.Error{
		Op:        "inspect",
		Origin:    migration.Origin{File: file, Line: line, Column: column},
		Statement: migration.FirstLine(string(statement)),
		Hint:      "mend the script; nothing of it was run",
		Err:       refused{why},
	}
}

// Place says in which file something failed, unless it is said already. The hint
// is given where err has none of its own; it may be empty.
func Place(file, op, hint string, err error) error {
	if err == nil {
		return nil
	}
	var placed *migration.Error
	if errors.As(err, &placed) && placed.Origin.File != "" {
		return err
	}
	if own := migration.HintOf(err); own != "" {
		hint = own
	}
	return &migration.Error{Op: op, Origin: migration.Origin{File: file}, Hint: hint, Err: err}
}

// Excerpt returns the first line of a statement, and below it the line that
// failed if that is another: n below the first.
func Excerpt(text string, n int) string {
	first := migration.FirstLine(text)
	lines := strings.Split(text, "\n")
	if n <= 0 || n >= len(lines) {
		return first
	}
	return first + "\n" + migration.FirstLine(lines[n])
}
