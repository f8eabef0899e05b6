package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// sessionConnections is how many connections a run may need at once: for the
// script, for marks, to renew the lock, and to end a statement.
const sessionConnections = 4

// New returns a backend over the caller's handle, for the database that its
// connections are in. It is not closed, and its settings are left alone. A
// run's connections come from it, four at most; the one that scripts ran on is
// closed, so that nothing they set is met again. Outside programs can't be run:
// they would need a URL.
func New(db *sql.DB, o Options) *Backend {
	b := lentBackend(o)
	b.db = db
	return b
}

// NewConn returns a backend over one connection of the caller's, which is used
// for everything, is not closed, and keeps its settings. No transaction may be
// open on it. What changes rows runs on it, scripts and functions, each in one
// transaction with its record; what needs a second connection is refused, with
// [migration.ErrUnsupported]: definitions, which the server commits by itself.
func NewConn(conn *sql.Conn, o Options) *Backend {
	b := lentBackend(o)
	b.lent = conn
	return b
}

// NewTx returns a backend inside the caller's transaction, which stays open:
// what was migrated, and its record, become durable with the caller's Commit.
// It can do what [NewConn] can. Our tables must be there, from an earlier run
// over a handle, because making them would commit the transaction. Until the
// caller ends it no other run gets the lock.
func NewTx(tx *sql.Tx, o Options) *Backend {
	b := lentBackend(o)
	b.lent, b.inside = tx, true
	return b
}

func lentBackend(o Options) *Backend {
	return newBackend(&address{shown: "the caller's database"}, o.HistoryTable, o)
}

// introduce asks a caller's connection which database it is in, once.
func (b *Backend) introduce(ctx context.Context, c *connection) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.names.database != "" {
		return nil
	}
	found, err := c.strings(ctx, "SELECT DATABASE()")
	switch {
	case err != nil:
		return fmt.Errorf("ask for the name of the database: %w", err)
	case len(found) != 1 || found[0] == "":
		return &migration.Error{
			Op: "open", Err: fmt.Errorf("%w: the connection is in no database", migration.ErrNoDatabase),
			Hint: "name one in the driver's DSN",
		}
	}
	b.address.name, b.address.shown = found[0], "the database "+found[0]
	b.name(found[0])
	return nil
}

// welcome fails where a run can't work with what the caller lent.
func (b *Backend) welcome(ctx context.Context, c *connection) error {
	if b.lent == nil {
		if most := b.db.Stats().MaxOpenConnections; most > 0 && most < sessionConnections {
			return &migration.Error{
				Op:   "open",
				Err:  fmt.Errorf("%w: the handle opens %d connections at most, and a run needs up to %d", migration.ErrUnsupported, most, sessionConnections),
				Hint: fmt.Sprintf("db.SetMaxOpenConns(%d) or more", sessionConnections),
			}
		}
		return nil
	}
	if b.inside {
		return nil
	}
	// A savepoint is gone at once where no transaction is open.
	if err := c.do(ctx, "SAVEPOINT "+stepSavepoint); err != nil {
		return err
	}
	err := c.do(ctx, "RELEASE SAVEPOINT "+stepSavepoint)
	if err == nil {
		return &migration.Error{
			Op: "open", Err: fmt.Errorf("%w: a transaction is open on the connection", migration.ErrUnsupported),
			Hint: "end it first, or lend it as a *sql.Tx to mysql.NewTx",
		}
	}
	if isNumber(err, errNoSavepoint) {
		return nil
	}
	return err
}

// notLent says that something can't be done with one connection of the caller's.
func (b *Backend) notLent(why string) error {
	what := "one connection of the caller's"
	if b.inside {
		what = "the caller's transaction"
	}
	return &migration.Error{
		Op:   "inspect",
		Err:  fmt.Errorf("%w over %s: %s", migration.ErrUnsupported, what, why),
		Hint: "use a *sql.DB (mysql.New) or a URL (mysql.Open); nothing of it was run",
	}
}

// noTables says that a table of ours is missing that can't be made here.
func (b *Backend) noTables(name string) error {
	return &migration.Error{
		Op:   "open",
		Err:  fmt.Errorf("%w: the table %s is not there, and making it would commit the caller's transaction", migration.ErrUnsupported, name),
		Hint: "let the first run, with something to apply, be one over a *sql.DB or a URL",
	}
}

// unfit fails for a script that can't be run on one connection of the caller's.
func (b *Backend) unfit(t migration.Traits) error {
	switch {
	case b.lent == nil:
		return nil
	case !t.Wrapped:
		return b.notLent("it holds statements that the server commits by itself, or that end a transaction")
	case t.SessionState, t.TemporaryObjects:
		return b.notLent("it changes settings of the connection, which is to be left as it was")
	}
	return nil
}

// borrow makes the session one that has the caller's connection for everything.
// The lock is renewed with each step, whose transaction keeps it.
func (s *session) borrow(ctx context.Context) error {
	s.conn = s.control
	l := &lock{backend: s.backend, owner: newOwner(), stop: func() {}, done: make(chan struct{})}
	close(l.done)
	s.lock = l
	return s.backend.await(ctx, l, s.control, s.options)
}

// renewed renews the lock inside the open transaction, which keeps it then. A
// session over a handle renews it all the time.
func (s *session) renewed(ctx context.Context, c *connection) error {
	if s.backend.lent == nil {
		return nil
	}
	n, err := c.exec(ctx, "UPDATE "+s.backend.names.lock+" AS l SET"+s.alive()+" WHERE true"+s.ours())
	if err == nil && n == 0 {
		err = errors.Join(s.lock.held(ctx, c), fmt.Errorf("%w: the lock was taken from us", migration.ErrBusyRun))
	}
	return err
}
