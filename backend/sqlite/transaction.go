package sqlite

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/migration"
)

// commitPatience is how long a COMMIT that finds readers in its way is tried
// again. The transaction stays open meanwhile and nothing is lost.
const commitPatience = 30 * time.Second

// enclosedRun is the savepoint that stands for a transaction of ours inside one
// of the caller's.
const enclosedRun = "_fastmigrate_run"

// enclosed says whether everything happens inside a transaction of the caller's.
func (c *connection) enclosed() bool { return c.pinned == nil }

// opening returns the statement that opens a transaction which may write, or what
// stands for one inside a transaction of the caller's.
func (c *connection) opening() string {
	if c.enclosed() {
		return "SAVEPOINT " + enclosedRun
	}
	return "BEGIN IMMEDIATE"
}

// begin opens a transaction that may write at once, so that what it reads
// stays true, and makes the tables of ours that are not there.
func (c *connection) begin(ctx context.Context) error {
	if err := c.exec(ctx, c.opening()); err != nil {
		return err
	}
	if err := c.ensure(ctx); err != nil {
		return errors.Join(err, c.rollback())
	}
	return nil
}

// commit makes the transaction durable. It is not cancelled halfway: once it
// was asked for, we want to know how it ended.
func (c *connection) commit(ctx context.Context, statement string) error {
	whole := context.WithoutCancel(ctx)
	if c.enclosed() {
		return c.exec(whole, "RELEASE "+enclosedRun)
	}
	for end := time.Now().Add(commitPatience); ; {
		err := c.exec(whole, statement)
		if err == nil || !errors.Is(err, migration.ErrLocked) || ctx.Err() != nil || time.Now().After(end) {
			return err
		}
	}
}

// rollback ends the transaction, if it still stands, without its effects.
func (c *connection) rollback() error {
	if c.enclosed() {
		ctx := context.Background()
		err := c.exec(ctx, "ROLLBACK TO "+enclosedRun)
		if err != nil && strings.Contains(err.Error(), "no such savepoint") {
			return nil // the engine had rolled back by itself
		}
		return errors.Join(err, c.exec(ctx, "RELEASE "+enclosedRun))
	}
	err := c.exec(context.Background(), "ROLLBACK")
	if err != nil && c.idle() {
		return nil // the engine had rolled back by itself
	}
	return err
}

// idle says whether no transaction is open.
func (c *connection) idle() bool {
	ctx := context.Background()
	if err := c.exec(ctx, "BEGIN"); err != nil {
		return false // cannot start a transaction within a transaction
	}
	return c.exec(ctx, "ROLLBACK") == nil
}

// write runs f inside a transaction of its own.
func (c *connection) write(ctx context.Context, f func() error) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	err := f()
	if err == nil {
		err = c.commit(ctx, "COMMIT")
	}
	if err != nil {
		return errors.Join(err, c.rollback())
	}
	return nil
}

// savepoint names the place in a transaction to which a failing script is
// taken back.
const savepoint = "_fastmigrate_member"

// toSavepoint takes the transaction back to the savepoint. It says false where
// the engine has rolled the whole transaction back by itself.
func (c *connection) toSavepoint() bool {
	ctx := context.Background()
	return c.exec(ctx, "ROLLBACK TO "+savepoint) == nil && c.exec(ctx, "RELEASE "+savepoint) == nil
}

// now returns the time as the history keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// place says in which file something failed, unless it is said already.
func place(file, op string, err error) error {
	if err == nil {
		return nil
	}
	return fault.Place(file, op, hintFor(err), err)
}

// firstHint returns the hint that err carries, or the one for what the
// database said.
func firstHint(err error) string {
	if hint := migration.HintOf(err); hint != "" {
		return hint
	}
	return hintFor(err)
}
