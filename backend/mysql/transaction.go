package mysql

import (
	"context"
	"errors"
)

// transaction runs f inside a transaction on a connection of ours. Its COMMIT
// is not cancelled halfway: once it was asked for, we want to know how it ended.
func (c *connection) transaction(ctx context.Context, f func(context.Context) error) error {
	if err := c.do(ctx, "START TRANSACTION"); err != nil {
		return err
	}
	whole := context.WithoutCancel(ctx)
	err := f(whole)
	if err == nil {
		err = c.do(whole, "COMMIT")
	}
	if err != nil {
		return errors.Join(err, c.rollback())
	}
	return nil
}

// rollback ends a transaction without its effects. Where the connection is
// gone, the server does it.
func (c *connection) rollback() error {
	err := c.do(context.Background(), "ROLLBACK")
	if broken(err) {
		return nil
	}
	return err
}
