package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Func is a migration in Go for PostgreSQL alone: it gets the migration's
// transaction as the driver pgx has it. What it does through tx is durable
// together with its record, or not at all. It does not end the transaction
// itself; transactions that it begins inside are savepoints. Where another
// program was in the way (a deadlock, a serialization failure, a lock timeout)
// all that it did is undone and it is called again, so long as the error that it
// returns wraps that of the database.
type Func func(ctx context.Context, tx pgx.Tx) error

// Database returns "postgres".
func (Func) Database() string { return "postgres" }

var _ migration.Callable = Func(nil)

// function calls a function of the program inside the transaction at hand.
func (s *session) function(p *pipe, code *migration.Go) error {
	if err := p.ctx.Err(); err != nil {
		return place(code.Name, "apply", fmt.Errorf("interrupted: %w", err))
	}
	s.guard(&p.batch, p.from)
	if err := p.flush(); err != nil {
		return err
	}
	s.used = true
	return place(code.Name, "apply", s.conn.call(p.ctx, code))
}

// call calls the function and sees to it that the transaction still stands.
func (c *connection) call(ctx context.Context, code *migration.Go) error {
	brief := context.WithoutCancel(ctx)
	// A savepoint is gone where the function ended the transaction, also where
	// it has begun another.
	tx, err := c.pgx.BeginTx(brief, pgx.TxOptions{BeginQuery: "SAVEPOINT " + inFunction})
	if err != nil {
		return c.explain(ctx, err)
	}
	given := &lentTx{Tx: tx, state: &lentState{conn: c, mode: c.pgx.Config().DefaultQueryExecMode}}
	err = given.call(ctx, code)
	given.state.end()
	switch {
	case given.state.refused != nil:
		return given.state.refused // whatever the function made of it
	case c.IsClosed(), c.PgConn.IsBusy():
		return errors.Join(err, c.unusable())
	case c.TxStatus() == 'I':
		return errors.Join(err, endedIt())
	case err != nil && ctx.Err() != nil:
		return errors.Join(fmt.Errorf("interrupted: %w", ctx.Err()), err)
	case err != nil:
		return describeFunction(err)
	case c.TxStatus() == 'E':
		return &migration.Error{
			Err:  errors.New("a statement of the function failed, and the function returned no error"),
			Hint: "return the error; to go on after it, put the statement into a savepoint",
		}
	}
	release := "RELEASE SAVEPOINT " + inFunction
	if c.loan == nil {
		// What the function has prepared, the driver would take to be there still.
		if err := c.pgx.DeallocateAll(brief); err != nil {
			return c.explain(ctx, err)
		}
	}
	_, err = c.Exec(brief, release).ReadAll()
	if codeOf(err) == codeNoSavepoint {
		return endedIt()
	}
	return c.explain(ctx, err)
}

// call calls the function with what it takes.
func (tx *lentTx) call(ctx context.Context, code *migration.Go) error {
	switch f := code.Func.(type) {
	case Func:
		return code.Call(func() error { return f(ctx, tx) })
	case migration.Func:
		// What it does must leave nothing prepared on a caller's connection.
		tx.state.mode = pgx.QueryExecModeDescribeExec
		db := sql.OpenDB(face{tx})
		defer db.Close()
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		err = code.Call(func() error { return f(ctx, conn) })
		if !tx.state.rowsOpen() { // closing it waits for them for ever
			_ = conn.Close()
		}
		return err
	}
	return fmt.Errorf("%w: a function of type %T", migration.ErrUnsupported, code.Func)
}

// unusable says that the function did something to the connection that can't be
// undone.
func (c *connection) unusable() error {
	if c.IsClosed() {
		return errors.New("the connection to the server broke, or the function closed it")
	}
	if c.loan == nil {
		_ = c.close()
	}
	return &migration.Error{Err: errors.New("the function left a query open on its connection"), Hint: "close the rows, batches and copies that it opens"}
}

func endedIt() error {
	return &migration.Error{
		Err:  fmt.Errorf("%w: the function ended its transaction; what it did before that may be there, and is not recorded", migration.ErrRefused),
		Hint: "leave COMMIT and ROLLBACK out of the function; look at what it did before you run it again",
	}
}

// describeFunction makes what the database said readable where that is all that
// a function returned; what it wrapped is its own.
func describeFunction(err error) error {
	if bare, ok := err.(*pgconn.PgError); ok {
		return describe(bare)
	}
	return err
}
