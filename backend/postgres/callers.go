package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fastmigrate/fastmigrate/migration"
)

// NewConn returns a backend over one connection of the caller's, which is used
// for everything. It is not closed, and is left as it was: settings, role,
// temporary objects, prepared statements and locks. Nothing else may use it
// during a call.
func NewConn(conn *pgx.Conn, o Options) *Backend {
	return newBackend(&single{borrow: func(context.Context) (*pgx.Conn, func(), error) { return conn, func() {}, nil }}, o)
}

// NewTx returns a backend inside a transaction of the caller's, who commits it
// or rolls it back. What a run does there is in a savepoint: after an error the
// transaction stands as before. Steps that can't be part of it are refused
// before anything runs. The lock that keeps runs apart ends with the
// transaction.
func NewTx(tx pgx.Tx, o Options) *Backend {
	return newBackend(&single{within: true, borrow: func(context.Context) (*pgx.Conn, func(), error) { return tx.Conn(), func() {}, nil }}, o)
}

// NewPool returns a backend over a pool of the caller's. A run takes one
// connection of it and gives it back as it was.
func NewPool(pool *pgxpool.Pool, o Options) *Backend { return newBackend(&pooled{pool}, o) }

// NewDB is like [NewPool], over a handle of database/sql that was opened with
// pgx's driver. With another driver everything fails with an error that wraps
// [migration.ErrUnsupported].
func NewDB(db *sql.DB, o Options) *Backend { return newBackend(&handle{db}, o) }

// NewSQLConn is like [NewConn], over a connection of database/sql that is pgx's.
func NewSQLConn(conn *sql.Conn, o Options) *Backend {
	return newBackend(&single{borrow: func(ctx context.Context) (*pgx.Conn, func(), error) { return hold(ctx, raw(conn)) }}, o)
}

// NewSQLTx is like [NewTx], over a transaction of database/sql on a connection
// that is pgx's.
func NewSQLTx(tx *sql.Tx, o Options) *Backend {
	return newBackend(&single{within: true, borrow: func(ctx context.Context) (*pgx.Conn, func(), error) { return hold(ctx, inside(tx)) }}, o)
}

// single lends the one connection that there is.
type single struct {
	borrow func(context.Context) (*pgx.Conn, func(), error)
	within bool
	taken  atomic.Bool
}

func (s *single) encloses() bool { return s.within }

func (s *single) lend(ctx context.Context) (*connection, error) {
	if !s.taken.CompareAndSwap(false, true) {
		return nil, &migration.Error{Op: "lock", Err: fmt.Errorf("%w: it has the one connection that there is", migration.ErrBusyRun), Hint: "wait for it to end"}
	}
	conn, back, err := s.borrow(ctx)
	if err != nil {
		s.taken.Store(false)
		return nil, err
	}
	return lent(conn, s.within, func() {
		back()
		s.taken.Store(false)
	})
}

// pooled lends the connections of a pool.
type pooled struct{ pool *pgxpool.Pool }

func (p *pooled) lend(ctx context.Context) (*connection, error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, notLent(err)
	}
	return lent(conn.Conn(), false, conn.Release)
}

// handle lends the connections of a handle of database/sql.
type handle struct{ db *sql.DB }

func (h *handle) lend(ctx context.Context) (*connection, error) {
	conn, err := h.db.Conn(ctx)
	if err != nil {
		return nil, notLent(err)
	}
	c, back, err := hold(ctx, raw(conn))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return lent(c, false, func() {
		back()
		_ = conn.Close() // it goes back to its handle
	})
}

// notLent says that there is no connection to be had.
func notLent(err error) error {
	return &migration.Error{Op: "open", Err: fmt.Errorf("get a connection: %w", describe(err)), Hint: connectHint(codeOf(err))}
}

// hold gets at pgx's connection beneath database/sql, which is kept from using
// it until the function that is returned is called.
func hold(ctx context.Context, reach func(context.Context, func(*pgx.Conn)) error) (*pgx.Conn, func(), error) {
	got, done, ended := make(chan *pgx.Conn, 1), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- reach(ctx, func(c *pgx.Conn) {
			got <- c
			<-done
		})
	}()
	select {
	case c := <-got:
		return c, func() {
			close(done)
			<-ended
		}, nil
	case err := <-ended:
		return nil, nil, err
	case <-ctx.Done():
		close(done)
		return nil, nil, ctx.Err()
	}
}

// raw reaches the connection beneath one of database/sql.
func raw(conn *sql.Conn) func(context.Context, func(*pgx.Conn)) error {
	return func(_ context.Context, hand func(*pgx.Conn)) error {
		return conn.Raw(func(under any) error {
			for {
				switch c := under.(type) {
				case interface{ Conn() *pgx.Conn }: // pgx's
					hand(c.Conn())
					return nil
				case interface{ Raw() driver.Conn }: // of a driver that wraps another
					under = c.Raw()
				default:
					return anotherDriver(fmt.Sprintf("%T", under))
				}
			}
		})
	}
}

// inside reaches the connection beneath a transaction of database/sql, which
// does not show it. pgx shows it to a rewriter of queries, which is an argument
// that goes through database/sql untouched; its error keeps the query from being
// sent.
func inside(tx *sql.Tx) func(context.Context, func(*pgx.Conn)) error {
	return func(ctx context.Context, hand func(*pgx.Conn)) error {
		r := &rewriter{hand: hand}
		// The context must not end the transaction's connection from under us.
		rows, err := tx.QueryContext(context.WithoutCancel(ctx), "SELECT 1 -- fastmigrate asks for the connection", r)
		if err == nil {
			err = errors.Join(rows.Err(), rows.Close())
		}
		switch {
		case r.asked:
			return nil
		case errors.Is(err, sql.ErrTxDone):
			return &migration.Error{Op: "open", Err: fmt.Errorf("%w: the connection cannot be used: %w", migration.ErrUnsupported, err)}
		}
		return errors.Join(anotherDriver("another"), err)
	}
}

type rewriter struct {
	hand  func(*pgx.Conn)
	asked bool
}

// RewriteQuery hands the connection over, and fails once it is given back.
func (r *rewriter) RewriteQuery(_ context.Context, conn *pgx.Conn, _ string, _ []any) (string, []any, error) {
	r.asked = true
	r.hand(conn)
	return "", nil, errors.New("the connection was lent, and there is no query")
}

func anotherDriver(which string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: the driver beneath database/sql is not pgx's (%s)", migration.ErrUnsupported, which),
		Hint: `open the handle with sql.Open("pgx", url), from github.com/jackc/pgx/v5/stdlib; or use postgres.Open`,
	}
}
