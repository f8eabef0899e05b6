package backend

import (
	"context"
	"os"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Backend is one database that can be migrated.
type Backend interface {
	// Name names the kind of database, in lower case: "sqlite".
	Name() string
	// State reads where the database stands. It takes no lock and writes
	// nothing. The error wraps [migration.ErrNoDatabase] where there is none,
	// [migration.ErrNotManaged] where it has no version table, and
	// [migration.ErrBadVersion] where that can't be used.
	State(ctx context.Context) (migration.State, error)
	// History returns the entries of the history table, oldest first; none
	// where there is no such table. It takes no lock and writes nothing.
	History(ctx context.Context) ([]migration.Entry, error)
	// Create makes the version table, at version 0, and the database where
	// that is a file that is not there yet. The error wraps
	// [migration.ErrManaged] where it has one.
	Create(ctx context.Context) error
	// Session pins one connection and takes the lock that lets one run at a
	// time work on the database, waiting as long as the options say. The error
	// wraps [migration.ErrBusyRun] where another run kept it.
	Session(ctx context.Context, o SessionOptions) (Session, error)
	// Close lets go of what the backend itself opened.
	Close() error
}

// SessionOptions says how a session behaves.
type SessionOptions struct {
	// LockTimeout is how long to wait for another run to end. 0 means 30 s,
	// negative not at all.
	LockTimeout time.Duration
	// Strict turns findings about the data, such as rows that refer to nothing,
	// into errors.
	Strict bool
	// Atomic makes ApplyGroup commit all of its works in one transaction, or
	// none of them. It is set only where the backend is [Atomic].
	Atomic bool
	// Repair lets a step first remove what an earlier attempt at it left behind
	// half done, such as an index that the database calls invalid.
	Repair bool
	// Waiting is called once when the lock is held by another run, with who
	// holds it. It may be nil.
	Waiting func(holder string)
	// Progress is called now and then while a long script runs, and perhaps before
	// a statement that may take long. It may be nil.
	Progress func(Progress)
}

// Progress says how far a script has come.
type Progress struct {
	File       string
	Bytes      int64 // of the script's normalised text that are done
	Total      int64 // bytes of the whole script
	Statements int   // that are done
	// Activity says what the database is doing within a long statement, in a
	// few words; empty where it does not tell.
	Activity string
}

// Session is one pinned connection that holds the lock. Its methods are called
// one at a time.
type Session interface {
	// State is like [Backend.State], under the lock.
	State(ctx context.Context) (migration.State, error)
	// History is like [Backend.History], under the lock.
	History(ctx context.Context) ([]migration.Entry, error)
	// Apply runs a step's script and records it. When it returns without an
	// error both are durable; when it returns an error neither is, or, for a
	// script that manages its own transactions, those commits that the history
	// says are. The entry gives what the caller knows of the record; times and
	// status are filled in. The error wraps [migration.ErrMoved] where the
	// database does not stand at the step's From any more.
	Apply(ctx context.Context, w Work) (Result, error)
	// Begin records that an outside program begins, and lets go of the database
	// but not of the lock. The program is then run as Launch says, and End is
	// called whatever happened.
	Begin(ctx context.Context, w Work) (Launch, error)
	// End takes the database up again and records how the program ended: well
	// if failure is nil.
	End(ctx context.Context, w Work, failure error) (Result, error)
	// Mark records an entry without running anything and moves the database
	// from the entry's From to its To.
	Mark(ctx context.Context, e migration.Entry) error
	// Close releases the lock and the connection.
	Close() error
}

// Work is a step to be applied, with what is to be recorded of it.
type Work struct {
	Step   migration.Step
	Entry  migration.Entry
	Resume int // commits of the script that are done already
	// Trusted says that a person named Resume: the text before it is not
	// compared with what was recorded.
	Trusted bool
	// Retry says that a person wants what was begun and is not known to have
	// ended to be run again.
	Retry bool
}

// Result says what came of a step that was applied.
type Result struct {
	Duration   time.Duration
	Statements int // of the script; 0 for an outside program
	Findings   []migration.Finding
}

// Launch says how an outside program gets at the database.
type Launch struct {
	// Argument is the database as the user named it, but for a password, which
	// must not be seen in a list of processes.
	Argument string
	// Env are variables, each NAME=value, that the program gets besides ours.
	Env []string
	// Inherit are files to keep open in the program: the lock.
	Inherit []*os.File
}
