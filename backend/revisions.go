package backend

import (
	"context"
	"io"

	"github.com/fastmigrate/fastmigrate/migration"
)

// RevisionStore is the least that a database of one's own does to be taken along
// a graph of revisions: the protocol of the Python tool asyncpg-trek.
// [OverRevisions] makes a [Backend] of it. Its methods are called one at a time.
type RevisionStore interface {
	// Ensure makes the table of revisions where it is not there. It is called at
	// the beginning of a run, under the lock, and not for a plan.
	Ensure(ctx context.Context) error
	// Current returns where the newest record leads, or [migration.Initial]
	// where there is none, or no table yet.
	Current(ctx context.Context) (migration.Revision, error)
	// Run does what an edge consists of. How the text of a [*migration.SQL], or
	// a function in a [*migration.Go], becomes an operation is the store's
	// business; [Text] returns a text. It should leave nothing behind when it
	// fails.
	Run(ctx context.Context, body migration.Body) error
	// Record notes that a step was made.
	Record(ctx context.Context, from, to migration.Revision) error
}

// Transactor is a [RevisionStore] whose plans are carried out whole or not at
// all, records included. Without it each step is run and then recorded: a step
// whose record fails is run again.
type Transactor interface {
	// Transaction calls f, and keeps what Run and Record did meanwhile if f
	// returns no error, or nothing of it.
	Transaction(ctx context.Context, f func(ctx context.Context) error) error
}

// Locker is a [RevisionStore] that lets one run at a time work on the database.
// Without it nothing keeps two runs apart but the comparison of the revision.
type Locker interface {
	// Lock waits as long as the options say and returns what gives the lock
	// back. The error wraps [migration.ErrBusyRun] where another run kept it.
	Lock(ctx context.Context, o SessionOptions) (io.Closer, error)
}

// OverRevisions returns the backend that a store makes. name is the kind of
// database, in lower case. It keeps the history of a graph only: pass it to a
// Migrator with a source.RevisionFiles. If the store is an [io.Closer] it is
// closed with the backend.
func OverRevisions(name string, s RevisionStore) Backend { return &revisionBackend{name, s} }

// Text returns the text of a script in its normal form: without a byte order
// mark, and with LF at the ends of lines.
func Text(script *migration.SQL) (string, error) { return readScript(script, migration.Traits{}) }
