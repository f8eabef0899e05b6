package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

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
	lender  lender // what connections come from
	options Options

	book          book
	writesHistory bool // whether steps are entered into the history table
	*home
	*shared
}

// home is the schema of a book's tables.
type home struct {
	mu     sync.Mutex
	schema string // "" before it is known
}

// found notes the schema that was found, if it was not known, and returns the one
// that is.
func (h *home) found(schema string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.schema == "" {
		h.schema = schema
	}
	return h.schema
}

// shared is what backends of one database with different books have in common.
type shared struct {
	scanners sync.Pool // of *sqlscan.Scanner
}

// Open returns a backend for the database at a URL. It connects when it has to,
// not before. Of the URL's parameters schema, history, lock, lock_timeout and
// retries are ours and override the options; all others are libpq's.
func Open(url string, o Options) (*Backend, error) {
	t, err := parse(url, o)
	if err != nil {
		return nil, err
	}
	prepareConfig(&t.config.Config)
	return newBackend(&server{config: t.config, whole: t.whole, public: t.public}, t.options), nil
}

func newBackend(l lender, o Options) *Backend {
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
	return &Backend{lender: l, options: o, book: versionBook{}, writesHistory: true, home: &home{schema: o.Schema}, shared: new(shared)}
}

// Name returns "postgres".
func (b *Backend) Name() string { return "postgres" }

// Close has nothing to close: connections end with what they were made for, and
// those of a caller are the caller's.
func (b *Backend) Close() error { return nil }

// State reads the version.
func (b *Backend) State(ctx context.Context) (state migration.State, err error) {
	err = b.use(ctx, func(c *connection) error {
		state, err = c.state(ctx)
		return err
	})
	return state, err
}

// History reads the history table, or what the table of another book tells.
func (b *Backend) History(ctx context.Context) (entries []migration.Entry, err error) {
	err = b.use(ctx, func(c *connection) error {
		entries, _, err = c.past(ctx)
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

// Groups returns false: each migration is a transaction of its own, also where
// several are sent in one message.
func (b *Backend) Groups() bool { return false }

// Enclosed says whether all of a run happens inside a transaction of the
// caller's.
func (b *Backend) Enclosed() bool { return encloses(b.lender) }

// Atomic returns true: all migrations of a run fit into one transaction.
func (b *Backend) Atomic() bool { return true }

// BackupCommand returns the command line of pg_dump.
func (b *Backend) BackupCommand() string {
	s, ok := b.lender.(*server)
	if !ok {
		return "pg_dump --format=custom --file=database.dump"
	}
	return fmt.Sprintf("pg_dump --format=custom --file=%s %s", shell(s.config.Database+".dump"), shell(s.public))
}

var (
	_ backend.Backend         = (*Backend)(nil)
	_ backend.Inspector       = (*Backend)(nil)
	_ backend.Grouping        = (*Backend)(nil)
	_ backend.Atomic          = (*Backend)(nil)
	_ backend.Enclosed        = (*Backend)(nil)
	_ backend.Keeper          = (*Backend)(nil)
	_ backend.DatabaseCreator = (*Backend)(nil)
	_ backend.BackupAdviser   = (*Backend)(nil)
	_ backend.Enroller        = (*Backend)(nil)
	_ backend.Verifier        = (*Backend)(nil)
	_ backend.Summarizer      = (*Backend)(nil)
	_ backend.Session         = (*session)(nil)
	_ backend.Grouper         = (*session)(nil)
	_ backend.Joiner          = (*session)(nil)
)
