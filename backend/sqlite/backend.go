package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/history"
	"github.com/fastmigrate/fastmigrate/internal/sqldef"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Options says how a backend behaves. The zero value is ready to use.
type Options struct {
	// HistoryTable is the name of the history table. Empty means
	// _fastmigrate_history.
	HistoryTable string
	// Alone says that the process has the file open in no other way, before this
	// backend has opened it. Where a run has nothing to do, that can be found out
	// in the file itself then, without loading its schema.
	Alone bool
}

// Driver is what a backend needs to open a database file by itself.
type Driver struct {
	// Open returns a handle on the file at path, every character of which is
	// the path's own. Without create it must not make the file.
	Open func(path string, create bool) (*sql.DB, error)
	// Read returns a handle on a file that nobody writes to, for reading: it
	// takes no lock and makes nothing beside the file. nil means Open.
	Read func(path string) (*sql.DB, error)
	// Copy writes a consistent copy of the connection's main database to a
	// file, by the engine's online backup. nil means VACUUM INTO.
	Copy func(ctx context.Context, src *sql.Conn, file string) error
	// Restore writes the database in a file over the connection's main
	// database, by the engine's online backup, in one transaction. locked, if it
	// is not nil, is called when nobody else can write any more, before the first
	// page is copied; its error ends the transaction without effect. nil means
	// that restoring is not supported.
	Restore func(ctx context.Context, dst *sql.Conn, file string, locked func() error) error
}

// Memory is the path of a database that lives in memory only.
const Memory = ":memory:"

// Backend is a SQLite database. Its methods may be called by several
// goroutines.
type Backend struct {
	historyName string // of the table
	table       history.Table
	driver      Driver
	path        string    // as the user names it; empty for a caller's handle
	given       *sql.Conn // the caller's connection, if that is what there is
	enclosing   *sql.Tx   // the caller's transaction, if that is what there is
	owned       bool      // connections are ours: to be set up, and thrown away
	alone       bool      // nothing else in this process has the file open

	book          book
	writesHistory bool // whether steps are entered into the history table
	*shared
}

// shared is what backends of one database with different books have in common.
type shared struct {
	scanners sync.Pool // of *sqlscan.Scanner

	mu sync.Mutex
	db *sql.DB // opened when first needed where it is ours
}

// New returns a backend over the caller's handle. Nothing of it is closed, and
// the settings of its connections are left as they were.
func New(db *sql.DB, o Options) *Backend {
	b := newBackend(o)
	b.db = db
	return b
}

// NewConn returns a backend over one connection of the caller's, which is used
// for everything and is not closed.
func NewConn(conn *sql.Conn, o Options) *Backend {
	b := newBackend(o)
	b.given = conn
	return b
}

// NewTx returns a backend over a transaction of the caller's, which is used for
// everything and is neither committed nor rolled back. A run in it is all or
// nothing: after an error the transaction stands as before, and can be gone on
// with. Foreign keys must be off on its connection, which can't be changed within
// a transaction; and what can't be part of a transaction is refused before
// anything runs: outside programs, and scripts that commit by themselves.
func NewTx(tx *sql.Tx, o Options) *Backend {
	b := newBackend(o)
	b.enclosing = tx
	return b
}

// File returns a backend for the database file at path, or for a database in
// memory where path is [Memory]. Nothing is opened before it is needed, and
// only Create makes a file.
func File(path string, d Driver, o Options) *Backend {
	b := newBackend(o)
	b.path, b.driver, b.owned, b.alone = path, d, true, o.Alone && path != Memory
	return b
}

func newBackend(o Options) *Backend {
	name := o.HistoryTable
	if name == "" {
		name = history.DefaultName
	}
	return &Backend{
		historyName: name, table: history.Table{Quoted: "main." + quote(name)},
		book: versionBook{}, writesHistory: true, shared: new(shared),
	}
}

// quote returns a name as SQLite's SQL writes it.
func quote(name string) string { return sqldef.Quote(name) }

// Name returns "sqlite".
func (b *Backend) Name() string { return "sqlite" }

// Close closes what the backend opened itself.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.owned || b.db == nil {
		return nil
	}
	db := b.db
	b.db = nil
	return db.Close()
}

// State reads the version.
func (b *Backend) State(ctx context.Context) (state migration.State, err error) {
	if state, _, ok := b.peek(ctx); ok {
		return state, nil
	}
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

// DB returns the database handle, opened if need be: the caller's own, or that
// of the file, for a program that goes on working with the database. It is nil
// where the backend is over one connection or a transaction. Close closes a handle of ours.
func (b *Backend) DB() (*sql.DB, error) {
	if b.given != nil || b.enclosing != nil {
		return nil, nil
	}
	return b.database()
}

// use runs f on a connection for as long as f takes.
func (b *Backend) use(ctx context.Context, f func(*connection) error) error {
	c, err := b.connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.close())
}

// database returns the database handle, opened if it is ours and there is a file.
func (b *Backend) database() (*sql.DB, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.owned && b.path != Memory {
		if err := b.exists(); err != nil {
			return nil, err
		}
	}
	if b.db != nil {
		return b.db, nil
	}
	db, err := b.driver.Open(b.path, false)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", b.path, describe(err))
	}
	if b.path == Memory {
		db.SetMaxOpenConns(1) // each connection would be a database of its own
	}
	b.db = db
	return db, nil
}

// exists says what is wrong with the path, if it is not that of a file.
func (b *Backend) exists() error {
	if b.path == "" {
		return &migration.Error{Op: "open", Err: fmt.Errorf("%w: the path is empty", migration.ErrNoDatabase)}
	}
	info, err := os.Stat(b.path)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return &migration.Error{
			Op:   "open",
			Err:  fmt.Errorf("%w: %s", migration.ErrNoDatabase, b.path),
			Hint: "check the path; fastmigrate create, or up --create, makes a new database",
		}
	case err != nil:
		return fmt.Errorf("open database: %w", err)
	case info.IsDir():
		return &migration.Error{Op: "open", Err: fmt.Errorf("%w: %s is a folder", migration.ErrNotDatabase, b.path)}
	}
	return nil
}

var (
	_ backend.Backend    = (*Backend)(nil)
	_ backend.Inspector  = (*Backend)(nil)
	_ backend.Copier     = (*Backend)(nil)
	_ backend.Restorer   = (*Backend)(nil)
	_ backend.Rehearser  = (*Backend)(nil)
	_ backend.Staging    = (*Backend)(nil)
	_ backend.Archive    = (*Backend)(nil)
	_ backend.Drafter    = (*Backend)(nil)
	_ backend.Enroller   = (*Backend)(nil)
	_ backend.Verifier   = (*Backend)(nil)
	_ backend.Summarizer = (*Backend)(nil)
	_ backend.Keeper     = (*Backend)(nil)
	_ backend.Atomic     = (*Backend)(nil)
	_ backend.Enclosed   = (*Backend)(nil)
	_ backend.Session    = (*session)(nil)
	_ backend.Grouper    = (*session)(nil)
	_ backend.Restorer   = (*session)(nil)
	_ backend.Stager     = (*session)(nil)
	_ backend.Stage      = (*stage)(nil)
	_ backend.Grouper    = (*stage)(nil)
)
