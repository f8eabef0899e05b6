package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Options says how a backend behaves. The zero value is ready to use.
type Options struct {
	// Schema is where our tables are; Create makes it. Empty means the schema
	// on the search path that has the table _meta, or else the first on it.
	Schema string
	// HistoryTable is the name of the history table. Empty means
	// _fastmigrate_history.
	HistoryTable string
	// LockTimeout is how long a statement of a migration waits for a lock of
	// another program before it is given up and tried again. 0 means 5 s,
	// negative as long as the server is set to.
	LockTimeout time.Duration
	// Retries is how often a migration that runs in one transaction is tried
	// again after a lock timeout, a deadlock or a serialization failure. 0 means
	// 5, negative never.
	Retries int
	// RowLock keeps runs apart by a row with an expiry time, renewed while the
	// run lasts, in place of an advisory lock in an open transaction.
	RowLock bool
}

const (
	defaultStatementLockTimeout = 5 * time.Second
	defaultRetries              = 5
)

// Backend is a PostgreSQL database. Its methods may be called by several
// goroutines.
type Backend struct {
	config  *pgconn.Config
	whole   string // the URL, for programs that we start
	public  string // the URL without the password
	options Options

	scanners sync.Pool // of *sqlscan.Scanner

	mu     sync.Mutex
	schema string // of our tables; "" before it is known
}

// Open returns a backend for the database at a URL. It connects when it has to,
// not before. Of the URL's parameters schema, history, lock, lock_timeout and
// retries are ours and override the options; all others are libpq's.
func Open(url string, o Options) (*Backend, error) {
	t, err := parse(url, o)
	if err != nil {
		return nil, err
	}
	o = t.options
	if o.HistoryTable == "" {
		o.HistoryTable = history.DefaultName
	}
	switch {
	case o.LockTimeout == 0:
		o.LockTimeout = defaultStatementLockTimeout
	case o.LockTimeout < 0:
		o.LockTimeout = 0
	}
	switch {
	case o.Retries == 0:
		o.Retries = defaultRetries
	case o.Retries < 0:
		o.Retries = 0
	}
	prepareConfig(t.config)
	return &Backend{config: t.config, whole: t.whole, public: t.public, options: o, schema: o.Schema}, nil
}

// Name returns "postgres".
func (b *Backend) Name() string { return "postgres" }

// Close has nothing to close: connections end with what they were made for.
func (b *Backend) Close() error { return nil }

// State reads the version.
func (b *Backend) State(ctx context.Context) (state migration.State, err error) {
	err = b.use(ctx, func(c *connection) error {
		state, err = c.state(ctx)
		return err
	})
	return state, err
}

// History reads the history table.
func (b *Backend) History(ctx context.Context) (entries []migration.Entry, err error) {
	err = b.use(ctx, func(c *connection) error {
		entries, _, err = c.history(ctx)
		return err
	})
	return entries, err
}

// use runs f on a connection for as long as f takes.
func (b *Backend) use(ctx context.Context, f func(*connection) error) error {
	c, err := b.connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.close())
}

// Groups returns false: each migration is a transaction of its own, which costs
// one round trip.
func (b *Backend) Groups() bool { return false }

// Atomic returns true: all migrations of a run fit into one transaction.
func (b *Backend) Atomic() bool { return true }

// BackupCommand returns the command line of pg_dump.
func (b *Backend) BackupCommand() string {
	return fmt.Sprintf("pg_dump --format=custom --file=%s %s", shell(b.config.Database+".dump"), shell(b.public))
}

var (
	_ backend.Backend         = (*Backend)(nil)
	_ backend.Inspector       = (*Backend)(nil)
	_ backend.Grouping        = (*Backend)(nil)
	_ backend.Atomic          = (*Backend)(nil)
	_ backend.DatabaseCreator = (*Backend)(nil)
	_ backend.BackupAdviser   = (*Backend)(nil)
	_ backend.Enroller        = (*Backend)(nil)
	_ backend.Verifier        = (*Backend)(nil)
	_ backend.Summarizer      = (*Backend)(nil)
	_ backend.Session         = (*session)(nil)
	_ backend.Grouper         = (*session)(nil)
)
