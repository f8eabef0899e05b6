package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/migration"
)

// The codes of errors (SQLSTATE) that something depends on.
const (
	codeNoTransactionAllowed = "25001" // must run outside of a transaction
	codeCommitInRoutine      = "2D000" // a procedure commits by itself
	codeLockTimeout          = "55P03"
	codeDeadlock             = "40P01"
	codeSerialization        = "40001"
	codeNoTable              = "42P01"
	codeNoSchema             = "3F000"
	codeNoDatabase           = "3D000"
	codeNoSavepoint          = "3B001"
	codeBadNumber            = "22P02"
	codeCancelled            = "57014"
)

// describe returns err with all that the server said in it: the message, its
// code, and the detail, the hint and the place inside a routine if there are
// any. It returns nil for nil.
func describe(err error) error {
	var known *fault.Described
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.As(err, &pg):
		d := &fault.Described{Message: said(pg), Cause: pg}
		if pg.Code == codeNoDatabase {
			d.Sentinel = migration.ErrNoDatabase
		}
		return d
	}
	return err
}

// explain describes an error that came up on the connection.
func (c *connection) explain(ctx context.Context, err error) error {
	if err != nil && codeOf(err) == "" && c.IsClosed() {
		err = &fault.Described{Message: "the connection to the server broke", Cause: err}
	}
	return cancelled(ctx, describe(err))
}

func said(pg *pgconn.PgError) string {
	text := fmt.Sprintf("%s (SQLSTATE %s)", pg.Message, pg.Code)
	for _, more := range []struct{ name, text string }{{"detail", pg.Detail}, {"hint", pg.Hint}, {"context", pg.Where}} {
		if more.text != "" {
			line, _, _ := strings.Cut(more.text, "\n")
			text += "; " + more.name + ": " + line
		}
	}
	return text
}

// codeOf returns the SQLSTATE of the server's error in err's chain, or "".
func codeOf(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// transient says whether the same transaction may well succeed when it is tried
// again.
func transient(err error) bool {
	switch codeOf(err) {
	case codeLockTimeout, codeDeadlock, codeSerialization:
		return true
	}
	return false
}

// cancelled puts the reason in front of an error that a cancelled context led
// to.
func cancelled(ctx context.Context, err error) error {
	if cause := ctx.Err(); err != nil && cause != nil {
		return fmt.Errorf("interrupted: %w", cause)
	}
	return err
}

// unreachable says why there is no connection. The driver's own text is not
// used where it can be avoided: it names all that it tried.
func unreachable(public string, err error) error {
	code := codeOf(err)
	var connecting *pgconn.ConnectError
	if code == "" && errors.As(err, &connecting) {
		err = &fault.Described{Message: strings.ReplaceAll(connecting.Unwrap().Error(), "\n", "; "), Cause: err}
	}
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("cannot connect to %s: %w", public, describe(err)),
		Hint: connectHint(code),
	}
}

func connectHint(code string) string {
	switch {
	case code == codeNoDatabase:
		return "check the name; fastmigrate create --create-database makes a new database"
	case code == "":
		return "check host and port, and that the server is up"
	case strings.HasPrefix(code, "28"):
		return "check user and password, and the server's pg_hba.conf"
	case code == "53300":
		return "a run needs two connections; raise max_connections, or end something"
	}
	return ""
}

// hintFor returns what to do about an error that the server gave.
func hintFor(err error) string {
	switch codeOf(err) {
	case codeNoTransactionAllowed, codeCommitInRoutine:
		return "it must run outside of a transaction: put it into a file of its own that begins with -- " + segment.Directive
	case "55P04":
		return "a new value of an enum can be used after it is committed only: put its use into the next migration, or begin the file with -- " + segment.Directive
	case codeLockTimeout:
		return "another program holds a lock for longer than lock_timeout; run again when it has ended, or set ?lock_timeout= in the URL"
	case codeDeadlock, codeSerialization:
		return "another program was in the way; run again"
	case "42501":
		return "grant this user the right, or connect as the owner"
	case "22003":
		return "if it is the version that is out of range: ALTER TABLE _meta ALTER COLUMN version TYPE bigint"
	case "25006":
		return "the server is a standby, or the connection is set read-only; use the primary"
	case "53100":
		return "make room on the server's disk and run again"
	case codeCancelled:
		return "statement_timeout, or a person, ended it; raise it with SET LOCAL statement_timeout in the script"
	}
	return ""
}

// place says in which file something failed, unless it is said already.
func place(file, op string, err error) error {
	if err == nil {
		return nil
	}
	return fault.Place(file, op, hintFor(err), err)
}
