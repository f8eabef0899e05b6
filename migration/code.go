package migration

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
)

// Tx is the database as a migration in Go gets it: the one connection that the
// run has locked, inside the migration's transaction. [*sql.Tx] and [*sql.Conn]
// satisfy it, so that a program's own functions take it too.
type Tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Callable is what a migration in Go consists of: a [Func], which any SQL
// database can run, or a function for the driver of one of them, such as
// postgres.Func.
type Callable interface {
	// Database names the one kind of database that the function is for, as its
	// backend is named; it is empty where any will do.
	Database() string
}

// Func is a migration in Go. What it does through tx is durable together with
// its record, or not at all; what it does elsewhere is its own business. It
// does not end the transaction itself.
type Func func(ctx context.Context, tx Tx) error

// Database returns "": any SQL database will do.
func (Func) Database() string { return "" }

// Go is a body that is a function of the program itself.
type Go struct {
	Name string // what a person knows it by: "0005-backfill.go", or "2 add_dogs"
	Func Callable
}

// File returns the name that a person knows the function by.
func (g *Go) File() string { return g.Name }

// Kind returns [KindGo].
func (g *Go) Kind() Kind { return KindGo }

// Open returns an empty text: a program does not have its own source.
func (g *Go) Open() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }

func (g *Go) sealed() {}

// Unfit returns an error where the function is for another database than the one
// named. It wraps [ErrUnsupported].
func (g *Go) Unfit(database string) error {
	if g.Func == nil {
		return &Error{Op: "inspect", Origin: Origin{File: g.Name}, Err: fmt.Errorf("%w: it has no function", ErrRefused)}
	}
	if only := g.Func.Database(); only != "" && only != database {
		return &Error{
			Op: "inspect", Origin: Origin{File: g.Name},
			Err:  fmt.Errorf("%w: a Go function for %s, and this is %s", ErrUnsupported, only, database),
			Hint: "write it as a migration.Func, which any SQL database runs",
		}
	}
	return nil
}

// Call runs a function of the program. A panic in it comes out as an error that
// carries the stack as its output.
func (g *Go) Call(f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &Error{
				Op: "run", Origin: Origin{File: g.Name}, Output: string(debug.Stack()),
				Err: fmt.Errorf("panic: %v", cause), Hint: "mend the function; nothing of it was kept",
			}
		}
	}()
	return f()
}
