package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// call is one function of the program that is being called. It is also the
// database as the function gets it.
//
// What it changes in rows is in one transaction with its record. Before the
// first statement that the server commits by itself the history says that the
// function is begun; from then on what it did can't be taken back, and another
// transaction is opened for what follows.
type call struct {
	s     *session
	ctx   context.Context
	work  backend.Work
	conn  *connection
	began time.Time

	entry   migration.Entry // the history's row; without an id until it is written
	open    bool            // a transaction of ours is open
	unsure  bool            // it may have been ended by a statement
	wrote   bool            // rows were changed in it
	kept    bool            // something is durable, or may be
	refused error
}

// function calls a function of the program and records it.
func (s *session) function(ctx context.Context, code *migration.Go, w backend.Work) (backend.Result, error) {
	f := &call{s: s, ctx: ctx, work: w, began: time.Now(), entry: w.Entry}
	f.entry.StartedAt, f.entry.Status = now(), migration.Begun
	fn, ok := code.Func.(migration.Func)
	if !ok {
		return backend.Result{}, place(code.Name, "apply", fmt.Errorf("%w: a function of type %T", migration.ErrUnsupported, code.Func))
	}
	err := ctx.Err()
	if err == nil {
		err = f.start()
	}
	if err != nil {
		return backend.Result{}, place(code.Name, "apply", err)
	}
	err = code.Call(func() error { return fn(ctx, f) })
	switch {
	case f.refused != nil:
		err = f.refused // whatever the function made of it
	case err != nil && ctx.Err() != nil:
		err = errors.Join(fmt.Errorf("interrupted: %w", ctx.Err()), err)
	case err == nil:
		err = f.record()
	}
	s.used = true // it may have set anything
	s.tables.known = false
	if err != nil {
		err = f.failed(err)
	}
	return backend.Result{Duration: time.Since(f.began)}, place(code.Name, "apply", err)
}

// start pins the connection and opens the transaction. The entry of an earlier
// run that did not come to its end, and which a person wants to be run again,
// is taken up.
func (f *call) start() (err error) {
	if f.conn, err = f.s.ready(f.ctx, false); err != nil {
		return err
	}
	c, err := f.s.marks(f.ctx)
	if err != nil {
		return err
	}
	e, ok, err := c.last(f.ctx)
	if err != nil {
		return err
	}
	if ok && e.Status == migration.Begun && e.From == f.entry.From && e.To == f.entry.To {
		f.entry.ID, f.entry.StartedAt, f.kept = e.ID, e.StartedAt, true
	}
	return f.ensure(f.ctx)
}

// ensure opens a transaction where a statement has ended the last one.
func (f *call) ensure(ctx context.Context) error {
	if f.open && f.unsure {
		err := f.conn.do(ctx, "RELEASE SAVEPOINT "+savepoint)
		if err != nil && !isNumber(err, errNoSavepoint) {
			return err
		}
		if err == nil {
			err = f.conn.do(ctx, "SAVEPOINT "+savepoint)
		} else {
			f.open, err = false, nil
		}
		if f.unsure = false; err != nil {
			return err
		}
	}
	if f.open {
		return nil
	}
	if err := f.conn.open(ctx); err != nil {
		return err
	}
	f.open, f.wrote = true, false
	if err := f.s.renewed(ctx, f.conn); err != nil {
		return err
	}
	return f.conn.do(ctx, "SAVEPOINT "+savepoint)
}

// begin notes in the history, before a statement that the server commits by
// itself, that the function is begun.
func (f *call) begin(ctx context.Context) error {
	if f.entry.ID != 0 {
		return nil
	}
	c, err := f.s.marks(ctx)
	if err == nil {
		f.entry.ID, err = f.s.insert(context.WithoutCancel(ctx), c, f.entry)
	}
	return err
}

func (f *call) ExecContext(ctx context.Context, query string, args ...any) (result sql.Result, err error) {
	err = f.asked(ctx, query, func(ctx context.Context) error {
		result, err = f.conn.ExecContext(ctx, query, args...)
		return err
	})
	return result, err
}

func (f *call) QueryContext(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	err = f.asked(ctx, query, func(context.Context) error { // the rows are read later, so that this lasts as long as the function's own
		rows, err = f.conn.QueryContext(f.lasting(ctx), query, args...)
		return err
	})
	return rows, err
}

func (f *call) QueryRowContext(ctx context.Context, query string, args ...any) (row *sql.Row) {
	err := f.asked(ctx, query, func(context.Context) error {
		row = f.conn.QueryRowContext(f.lasting(ctx), query, args...)
		return row.Err()
	})
	if row == nil {
		stopped, cancel := context.WithCancelCause(ctx)
		cancel(err) // a Row can be made by a query alone; this one is not sent
		row = f.conn.QueryRowContext(stopped, query)
	}
	return row
}

// lasting keeps the driver from closing a connection of the caller's where a
// query is cancelled.
func (f *call) lasting(ctx context.Context) context.Context {
	if f.conn.pinned == nil {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// asked has a statement of the function's run by send, in a transaction of
// ours, and notes what that means for it.
func (f *call) asked(ctx context.Context, query string, send func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.s.lock.lost.Load() {
		c, err := f.s.marks(ctx)
		if err == nil {
			err = f.s.lock.held(ctx, c)
		}
		if err != nil {
			f.refused = err
			return err
		}
	}
	a, err := f.read(ctx, query)
	if err == nil {
		err = f.ensure(ctx)
	}
	if err == nil && a.alone {
		if err = f.begin(ctx); err != nil {
			f.refused = err
		}
	}
	if err != nil {
		return err
	}
	err = f.conn.guarded(ctx, send)
	if err == nil && ctx.Err() != nil {
		err = ctx.Err() // some statements end early without an error, such as SLEEP
	}
	if a.alone {
		f.unsure = true
		_, answered := numberOf(err)
		if err == nil || !answered || broken(err) || (f.wrote || !a.whole) && !isNumber(err, errNoSyntax) {
			f.kept = true
		}
	}
	f.wrote = f.wrote || a.writes
	return f.conn.described(err)
}
