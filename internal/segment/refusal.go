package segment

import (
	"errors"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Refusal is an error for which [migration.ErrRefused] stands, in its own words.
type Refusal struct{ error }

// Is says that it is [migration.ErrRefused].
func (r Refusal) Is(target error) bool { return target == migration.ErrRefused }

// Because returns a refusal in the words of an error.
func Because(why error) Refusal { return Refusal{why} }

// Refuse says that a script must not be run, and where. A line or column of 0 is
// not known.
func Refuse(file string, line, column int, statement []byte, why error) error {
	return &migration.Error{
		Op:        "inspect",
		Origin:    migration.Origin{File: file, Line: line, Column: column},
		Statement: migration.FirstLine(string(statement)),
		Hint:      "mend the script; nothing of it was run",
		Err:       Because(why),
	}
}

// Failure returns why a scanner stopped, with its place, or nil at the end.
func Failure(err error, file string) error {
	var bad *sqlscan.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad) && bad.Err == nil:
		return Refuse(file, bad.Line, bad.Column, nil, errors.New(bad.Msg))
	}
	return unread(file, err)
}

// unread says that a script could not be read.
func unread(file string, err error) error {
	var placed *migration.Error
	if errors.As(err, &placed) && placed.Origin.File != "" {
		return err
	}
	return &migration.Error{Op: "read", Origin: migration.Origin{File: file}, Hint: migration.HintOf(err), Err: err}
}
