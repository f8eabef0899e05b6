package sqlscan

import "fmt"

// Error says what keeps a script from being read, and where.
type Error struct {
	Line, Column int    // 1-based, the column in characters
	Msg          string // what is wrong there, without the place
	Err          error  // the reader's error, if it was the reader that failed
}

// Error gives the place and the message. It does not name the file, which only
// the caller knows.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
}

// Unwrap returns the reader's error, nil if the text itself is at fault.
func (e *Error) Unwrap() error { return e.Err }
