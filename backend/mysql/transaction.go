package mysql

import (
	"context"
	"errors"
)

// stepSavepoint is the savepoint that stands for a transaction of ours inside one of the
// caller's.
const stepSavepoint = "_fastmigrate_step"

// transaction runs f inside a transaction on a connection of ours. Its COMMIT
// is not cancelled halfway: once it was asked for, we want to know how it ended.
func (c *connection) transaction(ctx context.Context, f func(context.Context) error) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	whole := context.WithoutCancel(ctx)
	err := f(whole)
	if err == nil {
		err = c.commit(whole)
	}
	if err != nil {
		return errors.Join(err, c.rollback())
	}
	return nil
}

// open opens a transaction, or a part of the caller's.
func (c *connection) open(ctx context.Context) error {
	if c.backend.inside {
		return c.do(ctx, "SAVEPOINT "+stepSavepoint)
	}
	return c.do(ctx, "START TRANSACTION")
}

// commit ends it with its effects.
func (c *connection) commit(ctx context.Context) error {
	if c.backend.inside {
		return c.do(ctx, "RELEASE SAVEPOINT "+stepSavepoint)
	}
	return c.do(ctx, "COMMIT")
}

// rollback ends it without its effects. Where the connection is gone, the
// server does it.
func (c *connection) rollback() error {
	statement := "ROLLBACK"
	if c.backend.inside {
		statement = "ROLLBACK TO SAVEPOINT " + stepSavepoint
	}
	err := c.do(context.Background(), statement)
	switch {
	case broken(err):
		return nil
	case c.backend.inside && isNumber(err, errNoSavepoint):
		return errors.New("the server has ended the caller's transaction; nothing of it was kept")
	}
	return err
}
