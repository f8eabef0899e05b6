package migration

import (
	"errors"
	"strconv"
	"strings"
)

// The sentinels that callers may ask for with [errors.Is].
var (
	ErrNoDatabase  = errors.New("database does not exist")
	ErrNotManaged  = errors.New("database is not managed")
	ErrManaged     = errors.New("database is managed already")
	ErrNotDatabase = errors.New("not a database")
	ErrDamaged     = errors.New("database is damaged")
	ErrBadVersion  = errors.New("version table is not usable")
	ErrLocked      = errors.New("database is locked")
	ErrBusyRun     = errors.New("another run holds the lock")
	ErrMoved       = errors.New("another tool moved the version")
	ErrStalePlan   = errors.New("plan is stale")
	ErrMeanwhile   = errors.New("database changed meanwhile")
	ErrChanged     = errors.New("file changed while it was in use")
	ErrUnfinished  = errors.New("a migration was begun and never ended")
	ErrNoRollback  = errors.New("no rollback script")
	ErrNoVersion   = errors.New("no such version")
	ErrNoPath      = errors.New("no way leads there")
	ErrNotGapless  = errors.New("the numbers of the functions have a gap")
	ErrNoneApplied = errors.New("nothing is applied")
	ErrNoTable     = errors.New("no such table")
	ErrRefused     = errors.New("script refused")
	ErrStrict      = errors.New("strict")
	ErrUnsupported = errors.New("not supported by this database")
	ErrNotAtomic   = errors.New("cannot be all or nothing")
	ErrInterrupted = errors.New("interrupted at the terminal") // Ctrl-C reached an outside program, and not us
)

// Origin is a place in a body. A Line or Column of 0 means "not known"; both
// count from 1, and a column counts characters.
type Origin struct {
	File         string
	Line, Column int
}

// String returns file, file:line or file:line:column, as far as it is known.
func (o Origin) String() string {
	switch {
	case o.File == "" || o.Line == 0:
		return o.File
	case o.Column == 0:
		return o.File + ":" + strconv.Itoa(o.Line)
	}
	return o.File + ":" + strconv.Itoa(o.Line) + ":" + strconv.Itoa(o.Column)
}

// Error is a failure with all that helps to mend it.
type Error struct {
	Op        string // what was being done: "apply", "inspect", "plan", "lock" …
	Origin    Origin // where in a body, if it was there
	Statement string // the failing statement's first line, and the line at fault if it is another
	Output    string // what an outside program printed, if it was one
	Hint      string // what to do or to type next; empty if there is nothing to say
	Err       error  // the cause
}

// Error returns the origin and the cause on one line; the statement and the
// hint are for the caller to print.
func (e *Error) Error() string {
	if where := e.Origin.String(); where != "" {
		return where + ": " + e.Err.Error()
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// HintOf returns the first hint in err's chain, or "".
func HintOf(err error) string {
	var e *Error
	for errors.As(err, &e) {
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// FirstLine returns the first line of a statement's text, shortened to 120
// characters, for messages.
func FirstLine(statement string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(statement), "\n")
	line = strings.TrimRight(line, " \t")
	if runes := []rune(line); len(runes) > 120 {
		return string(runes[:119]) + "…"
	}
	return line
}
