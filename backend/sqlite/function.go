package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// function calls a function of the program inside the open transaction.
func (s *session) function(ctx context.Context, code *migration.Go, w backend.Work) (backend.Result, error) {
	if err := ctx.Err(); err != nil {
		return backend.Result{}, place(code.Name, "apply", fmt.Errorf("interrupted: %w", err))
	}
	f, ok := code.Func.(migration.Func)
	if !ok {
		return backend.Result{}, fmt.Errorf("%w: a function of type %T", migration.ErrUnsupported, code.Func)
	}
	s.direct = false // it may make what a short statement takes long through
	tx := &lent{conn: s.conn}
	err := code.Call(func() error { return f(ctx, tx) })
	switch {
	case tx.refused != nil:
		err = tx.refused // whatever the function made of it
	case err != nil && ctx.Err() != nil:
		err = errors.Join(fmt.Errorf("interrupted: %w", ctx.Err()), err)
	}
	if err != nil {
		return backend.Result{}, place(code.Name, "apply", describeFunction(err))
	}
	var result backend.Result
	if s.options.Strict {
		result.Findings, err = s.keys.check(ctx, s.conn, w.Step.Traits, true)
	}
	return result, place(code.Name, "check", err)
}

// describeFunction makes what the database said readable where that is all that
// a function returned; what it wrapped is its own.
func describeFunction(err error) error {
	var c coded
	if bare, ok := err.(coded); ok && errors.As(bare, &c) {
		return describe(err)
	}
	return err
}

// lent is the connection as a function of the program gets it: it can't end the
// transaction that keeps the function and its record together.
type lent struct {
	conn    migration.Tx
	refused error
}

func (l *lent) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := l.check(query); err != nil {
		return nil, err
	}
	return l.conn.ExecContext(ctx, query, args...)
}

func (l *lent) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := l.check(query); err != nil {
		return nil, err
	}
	return l.conn.QueryContext(ctx, query, args...)
}

func (l *lent) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := l.check(query); err != nil {
		stopped, cancel := context.WithCancelCause(ctx)
		cancel(err) // a Row can be made by a query alone; this one is not sent
		return l.conn.QueryRowContext(stopped, query)
	}
	return l.conn.QueryRowContext(ctx, query, args...)
}
