package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Options says how a backend behaves. The zero value is ready to use.
type Options struct {
	// HistoryTable is the name of the history table. Empty means
	// _fastmigrate_history.
	HistoryTable string
	// LockExpiry is how long the lock of a run outlives the run's last sign of
	// life. A run renews it three times as often. 0 means 20 s, which is less
	// than a run waits for a lock by default.
	LockExpiry time.Duration
}

// defaultLockExpiry is Options.LockExpiry unless it is set.
const defaultLockExpiry = 20 * time.Second

// Backend is a MariaDB or MySQL database. Its methods may be called by several
// goroutines.
type Backend struct {
	book          book
	writesHistory bool // whether all steps are entered into the history table
	*shared
}

// shared is what backends of one database with different books have in common.
type shared struct {
	address     *address
	expiry      time.Duration
	historyName string
	lent        migration.Tx // the caller's own connection or transaction, if that is what there is
	inside      bool         // it is a transaction
	owned       bool         // the handle is ours, to be closed
	joins       bool         // a message of it may hold several statements

	mu      sync.Mutex
	db      *sql.DB // opened when first needed
	single  *sql.DB // the same, where a message holds one statement; nil over a caller's handle
	server  *server // what is known of the server, read when first needed
	history history.Table
	names   names // of a caller's database they are asked for when first needed
}

// Open returns a backend for the database that the URL names:
//
//	mysql://user:password@host:port/name
//	mysql://user@/name?socket=/run/mysqld/mysqld.sock
//
// or the same with mariadb://. Characters of a user, a password or a name that
// mean something in a URL are written as %40 and so on. The parameter history
// names the history table; other parameters are those of the driver, and
// settings for each connection. Nothing is dialled before it is needed.
func Open(url string, o Options) (*Backend, error) {
	a, values, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	one, err := driver.NewConnector(a.config)
	if err != nil {
		return nil, badURL(err.Error())
	}
	several := a.config.Clone()
	several.MultiStatements = plainText(values)
	connector, err := driver.NewConnector(several)
	if err != nil {
		return nil, badURL(err.Error())
	}
	historyName := cmp.Or(o.HistoryTable, values.Get("history"))
	if strings.Contains(a.name+historyName, "?") {
		return nil, badURL("a name with a ? in it is not supported")
	}
	b := newBackend(a, historyName, o)
	b.name(a.name)
	b.db, b.single, b.owned = pool(sql.OpenDB(connector)), pool(sql.OpenDB(one)), true
	b.joins = several.MultiStatements
	return b, nil
}

// newBackend returns a backend without a handle yet.
func newBackend(a *address, historyName string, o Options) *Backend {
	return &Backend{book: versionBook{}, writesHistory: true, shared: &shared{
		address: a, expiry: cmp.Or(o.LockExpiry, defaultLockExpiry), historyName: cmp.Or(historyName, history.DefaultName),
	}}
}

// name says which database it is.
func (s *shared) name(database string) {
	s.names = namesIn(database, s.historyName)
	s.history = history.Table{Quoted: s.names.history, Dialect: history.MySQL}
}

// pool bounds what is kept open: a session uses three connections, and one more
// to end a statement.
func pool(db *sql.DB) *sql.DB {
	db.SetMaxIdleConns(3)
	db.SetConnMaxIdleTime(time.Minute)
	return db
}

// Name returns "mysql".
func (b *Backend) Name() string { return "mysql" }

// Close closes the connections that are ours.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.db == nil || !b.owned {
		return nil
	}
	err := errors.Join(b.db.Close(), b.single.Close())
	b.db, b.single = nil, nil
	return err
}

// State reads where the database stands.
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
		entries, err = c.past(ctx)
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

// handle returns the pool of connections: of those that take several statements
// in one message, or of those that take one.
func (b *Backend) handle(joins bool) (*sql.DB, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.db == nil {
		return nil, errors.New("the backend is closed")
	}
	if b.owned && !joins {
		return b.single, nil
	}
	return b.db, nil
}

// server is what is known of the server beyond the database.
type server struct {
	mode      mode  // of a new connection
	maxPacket int64 // the largest statement that it takes, in bytes
}

// about asks the server for what has to be known before a script is read.
func (b *Backend) about(ctx context.Context) (*server, error) {
	b.mu.Lock()
	known := b.server
	b.mu.Unlock()
	if known != nil {
		return known, nil
	}
	s := &server{}
	err := b.use(ctx, func(c *connection) error {
		var sqlMode string
		err := c.QueryRowContext(ctx, "SELECT @@sql_mode, @@max_allowed_packet").Scan(&sqlMode, &s.maxPacket)
		s.mode = modeOf(sqlMode)
		return c.described(err)
	})
	if err != nil {
		return nil, fmt.Errorf("ask the server for its settings: %w", err)
	}
	b.mu.Lock()
	b.server = s
	b.mu.Unlock()
	return s, nil
}

var (
	_ backend.Backend         = (*Backend)(nil)
	_ backend.Inspector       = (*Backend)(nil)
	_ backend.DatabaseCreator = (*Backend)(nil)
	_ backend.BackupAdviser   = (*Backend)(nil)
	_ backend.Enroller        = (*Backend)(nil)
	_ backend.Summarizer      = (*Backend)(nil)
	_ backend.Keeper          = (*Backend)(nil)
	_ backend.Atomic          = (*Backend)(nil)
	_ backend.Enclosed        = (*Backend)(nil)
	_ backend.Session         = (*session)(nil)
	_ backend.Grouper         = enclosed{}
)
