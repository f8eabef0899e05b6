package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate/migration"
)

// lender is what a backend's connections come from: a server, or a caller.
type lender interface {
	// lend returns a connection for the backend alone, until it is closed.
	lend(ctx context.Context) (*connection, error)
}

// encloser is a lender of connections in which a transaction of the caller's is
// open.
type encloser interface{ encloses() bool }

func encloses(l lender) bool {
	e, ok := l.(encloser)
	return ok && e.encloses()
}

// loan is what there is to know of a connection that a caller lends.
type loan struct {
	within   bool          // a transaction of the caller's, which we don't end
	back     func()        // gives the connection back
	given    *surroundings // how it was; nil where nothing of ours can have changed it
	key      lockKey       // of our own lock
	open     bool          // our savepoint stands
	returned bool
}

// lends says whether the connections are a caller's.
func (b *Backend) lends() bool {
	_, ours := b.lender.(*server)
	return !ours
}

var errDiscards = errors.New("it would throw away what the program that lends its connection has there: temporary tables, and the lock")

// lent returns a caller's connection as one of a backend. back is called when it
// is not needed any more, also where this fails.
func lent(conn *pgx.Conn, within bool, back func()) (*connection, error) {
	c := &connection{PgConn: conn.PgConn(), pgx: conn, public: publicOf(conn), loan: &loan{within: within, back: back}}
	var why, hint string
	switch status := c.TxStatus(); {
	case c.PgConn.IsClosed():
		why = "it is closed"
	case c.PgConn.IsBusy():
		why, hint = "it is in use", "close the rows that are open, and use the connection for nothing else meanwhile"
	case within && status == 'I':
		why = "its transaction has ended"
	case within && status == 'E':
		why, hint = "its transaction has failed", "roll it back, or to a savepoint"
	case !within && status != 'I':
		why, hint = "it has an open transaction", "pass the transaction itself, with postgres.NewTx or NewSQLTx"
	default:
		return c, nil
	}
	back()
	return nil, &migration.Error{Op: "open", Err: fmt.Errorf("%w: the connection cannot be used: %s", migration.ErrUnsupported, why), Hint: hint}
}

// publicOf names the database that a connection is to.
func publicOf(conn *pgx.Conn) string {
	config := conn.Config()
	u := url.URL{Scheme: "postgres", User: url.User(config.User), Host: net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))), Path: config.Database}
	return u.String()
}

// enclosed says whether a transaction of the caller's is open.
func (c *connection) enclosed() bool { return c.loan != nil && c.within }

// IsClosed says whether the connection can't be used any more.
func (c *connection) IsClosed() bool {
	return c.loan != nil && c.returned || c.PgConn.IsClosed()
}

// asLent makes a connection what it was when it was lent, between two steps.
func (c *connection) asLent(ctx context.Context, used bool) error {
	if c.IsClosed() {
		return &migration.Error{Op: "open", Err: errors.New("the connection to the server broke, and it is not ours to make anew"), Hint: "connect again and run again"}
	}
	if err := c.rollback(); err != nil || !used {
		return err
	}
	return c.restore(ctx)
}

// giveBack gives the connection back as it was lent.
func (c *connection) giveBack() (err error) {
	if c.returned {
		return nil
	}
	if !c.PgConn.IsClosed() {
		ctx := context.Background()
		err = errors.Join(c.rollback(), c.restore(ctx), c.ownEncoding(ctx))
	}
	c.returned = true
	c.back()
	return err
}

// giveBack gives back the lock, and the connection.
func (s *session) giveBack() error {
	err := s.conn.rollback()
	return errors.Join(err, s.lock.release(), s.conn.close())
}

// cancelPause is how long it is waited for a cancelled statement to end before
// the server is asked again: it may not have begun yet.
const cancelPause = 100 * time.Millisecond

// watched returns the context for one statement. Where a caller's connection is
// cancelled the server is asked to end the statement; the driver would close the
// connection. The function that it returns is to be called when the statement
// has ended.
func (c *connection) watched(ctx context.Context) (context.Context, func()) {
	if c.loan == nil || ctx.Done() == nil {
		return ctx, func() {}
	}
	ended, quiet := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(quiet)
		for {
			once, cancel := context.WithTimeout(context.Background(), cancelPatience)
			_ = c.CancelRequest(once)
			cancel()
			select {
			case <-ended:
				return
			case <-time.After(cancelPause):
			}
		}
	})
	return context.WithoutCancel(ctx), func() {
		close(ended)
		if !stop() {
			<-quiet // so that it does not hit what comes next
		}
	}
}
