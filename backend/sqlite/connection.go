package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// busyTimeout is how long a statement waits for another program's lock.
const busyTimeout = 5 * time.Second

// handle is what statements are sent over: a pinned connection, or a caller's
// transaction.
type handle interface {
	migration.Tx
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// connection is one pinned connection.
type connection struct {
	handle
	pinned  *sql.Conn // nil where the handle is a caller's transaction
	backend *Backend
	stmts   map[string]*sql.Stmt
}

// connect pins a connection. On one of ours each commit is made durable before
// it returns, and locks are waited for; a caller's keeps the settings it has.
func (b *Backend) connect(ctx context.Context) (*connection, error) {
	c := &connection{backend: b, pinned: b.given}
	if b.enclosing != nil {
		c.handle = b.enclosing
		return c, nil
	}
	if b.given == nil {
		db, err := b.database()
		if err != nil {
			return nil, err
		}
		if c.pinned, err = db.Conn(ctx); err != nil {
			return nil, c.named(describe(err)) // one driver reads the file here, the other later
		}
	}
	c.handle = c.pinned
	if b.owned {
		settings := fmt.Sprintf("PRAGMA busy_timeout = %d; PRAGMA synchronous = FULL", busyTimeout.Milliseconds())
		if err := c.exec(quick(ctx), settings); err != nil {
			return nil, errors.Join(c.named(err), c.close())
		}
	}
	return c, nil
}

// named puts the database's path in front of what is wrong with the whole file.
func (c *connection) named(err error) error {
	if err == nil || c.backend.path == "" {
		return err
	}
	err = fmt.Errorf("%s: %w", c.backend.path, err)
	if hint := hintFor(err); hint != "" {
		return &migration.Error{Op: "open", Err: err, Hint: hint}
	}
	return err
}

// close gives the connection back.
func (c *connection) close() error {
	err := c.closeStatements()
	if c.backend.given != nil || c.pinned == nil {
		return err
	}
	return errors.Join(err, c.pinned.Close())
}

func (c *connection) closeStatements() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	c.stmts = nil
	return errors.Join(errs...)
}

// discard closes the connection for good, so that nothing a script did to it
// can be met again. Only connections that can be opened anew are discarded.
func (c *connection) discard() error {
	err := c.closeStatements()
	_ = c.pinned.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.pinned.Close() // says ErrConnDone, as it should
	return err
}

// apart runs f on a connection that is closed after it, where we can, and not
// given back: an outside program that a run starts later is to find the database
// as if nobody had it open.
func (b *Backend) apart(ctx context.Context, f func(*connection) error) error {
	if !b.owned || b.path == Memory {
		return b.use(ctx, f)
	}
	c, err := b.connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.discard())
}

// file returns the path of the database's file as the engine knows it, or ""
// for a database in memory.
func (c *connection) file(ctx context.Context) (string, error) {
	var file sql.NullString
	err := c.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file)
	if err != nil {
		return "", c.named(describe(err))
	}
	return file.String, nil
}

// quick returns the context for a statement that does not take long: unless it
// is cancelled already it won't be. For each statement that can be interrupted
// database/sql and the drivers start a goroutine or two.
func quick(ctx context.Context) context.Context {
	if ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// row asks for one row that is quickly found.
func (c *connection) row(ctx context.Context, query string, args ...any) *sql.Row {
	return c.QueryRowContext(quick(ctx), query, args...)
}

// exec runs one statement of ours.
func (c *connection) exec(ctx context.Context, statement string) error {
	_, err := c.ExecContext(ctx, statement)
	return describe(err)
}

// prepared runs one statement of ours that is run again and again, and returns
// its result.
func (c *connection) prepared(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	s, ok := c.stmts[statement]
	if !ok {
		var err error
		if s, err = c.PrepareContext(ctx, statement); err != nil {
			return nil, describe(err)
		}
		if c.stmts == nil {
			c.stmts = make(map[string]*sql.Stmt)
		}
		c.stmts[statement] = s
	}
	result, err := s.ExecContext(ctx, args...)
	return result, describe(err)
}
