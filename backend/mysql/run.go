package mysql

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// killAgain is how long a statement has to end after it was asked to, before it
// is asked again: the first time may have come before it began.
const killAgain = 300 * time.Millisecond

// run runs one statement of a script to its end. When ctx is cancelled, the
// server is asked over another connection to end the statement, and its answer
// is waited for, so that it is known what became of it: closing the connection
// would leave the statement at work.
func (c *connection) run(ctx context.Context, text []byte, maxPacket int64) error {
	if int64(len(text))+1 > maxPacket {
		return fmt.Errorf("%w: %d bytes, and the server takes %d", errTooLarge, len(text), maxPacket)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("interrupted: %w", err)
	}
	return c.described(c.guarded(ctx, func(ctx context.Context) error {
		_, err := c.ExecContext(ctx, string(text))
		return err
	}))
}

// guarded calls f, which asks the server for something, in such a way that it
// comes to an end soon when ctx is cancelled, with an answer of the server's.
// One connection of the caller's can't be helped from another: there f comes to
// its own end.
func (c *connection) guarded(ctx context.Context, f func(context.Context) error) error {
	whole, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	if c.pinned == nil {
		return f(whole)
	}
	ended, killed := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(killed)
		c.kill(ended, hangUp)
	})
	err := f(whole)
	close(ended)
	if !stop() {
		<-killed
		if err != nil {
			return errors.Join(fmt.Errorf("interrupted: %w", ctx.Err()), c.described(err))
		}
	}
	return err
}

// kill asks the server to end what the connection is at, until it has ended.
// Where the server can't be reached, the connection is closed instead.
func (c *connection) kill(ended <-chan struct{}, hangUp func()) {
	for failures := 0; ; {
		ctx, cancel := context.WithTimeout(context.Background(), aLittle)
		err := c.backend.use(ctx, func(other *connection) error {
			return other.do(ctx, fmt.Sprintf("KILL QUERY %d", c.id))
		})
		cancel()
		if err != nil {
			if failures++; failures == 3 {
				hangUp()
				return
			}
		}
		select {
		case <-ended:
			return
		case <-time.After(killAgain):
		}
	}
}
