package backend

import (
	"context"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Inspector is a [Backend] that can tell what a script is going to do before
// anything of it is executed.
type Inspector interface {
	// Inspect reads the script once. The error wraps [migration.ErrRefused], as
	// a [*migration.Error] with its place, where the script must not be run.
	Inspect(ctx context.Context, script *migration.SQL) (migration.Traits, error)
}

// Grouper is a [Session] that can commit several scripts together.
type Grouper interface {
	// ApplyGroup applies the works in order, in as few transactions as it
	// finds reasonable. It returns a result for each work that is durable; an
	// error, if there is one, is about the work after those.
	ApplyGroup(ctx context.Context, works []Work) ([]Result, error)
}

// Grouping is a [Backend] that says whether its sessions are Groupers.
type Grouping interface{ Groups() bool }

// Joiner is a [Grouper] that is quicker where it gets several scripts at once,
// although each of them has a transaction of its own.
type Joiner interface {
	Grouper
	// Joins says whether the next work is best applied by one ApplyGroup with
	// those before it, of which there is one at least.
	Joins(before []Work, next Work) bool
}

// Atomic is a [Backend] whose sessions can commit all scripts of a run in one
// transaction; they are [Grouper]s.
type Atomic interface{ Atomic() bool }

// Enclosed is an [Atomic] backend that may be over a transaction of the caller's.
// A run is part of that then, so that all of its steps are, whatever the options
// say.
type Enclosed interface{ Enclosed() bool }

// Staging is a [Backend] whose sessions are [Stager]s.
type Staging interface {
	// Stageable returns nil where a step can run on a copy that then becomes the
	// database, and otherwise why it can't.
	Stageable(ctx context.Context, step migration.Step) error
}

// Stager is a [Session] that can let a run take place on a copy of the
// database, so that all of it comes about or nothing.
type Stager interface {
	// Stage makes the copy, beside the database. Until it is closed the session
	// itself is not used.
	Stage(ctx context.Context) (Stage, error)
}

// Stage is a session on a copy of the database. Close removes the copy.
type Stage interface {
	Session
	// Copy returns the path of the copy, which outside programs are given.
	Copy() string
	// Commit makes the database what the copy is, in one transaction, while
	// others may use it. The error wraps [migration.ErrMeanwhile] where somebody
	// has written to the database since the copy was made; then, and whenever it
	// fails or is killed, the database is what it was.
	Commit(ctx context.Context) ([]migration.Finding, error)
}

// Rehearser is a [Backend] that can be copied for a run to be tried out.
type Rehearser interface {
	// Rehearse makes a copy, while others may use the database, which is not
	// written to. The error wraps [fs.ErrExist] where the file to keep is there.
	Rehearse(ctx context.Context, o RehearseOptions) (Rehearsal, error)
}

// RehearseOptions says how a copy to try out on is made.
type RehearseOptions struct {
	// Keep is a new file that the copy becomes in the end. Empty means that it
	// is thrown away.
	Keep string
	// LockTimeout is how long to wait for another rehearsal to end. 0 means
	// 30 s, negative not at all.
	LockTimeout time.Duration
	// Waiting is called once when there is another rehearsal. It may be nil.
	Waiting func(holder string)
}

// Rehearsal is a copy of a database that is there to be tried out on.
type Rehearsal interface {
	// Backend returns the copy. Close closes it.
	Backend() Backend
	// Measure counts what is in the copy.
	Measure(ctx context.Context) (Measure, error)
	// Close removes the copy, or gives it the name under which it is kept.
	Close() error
}

// Measure is what can be counted of a database.
type Measure struct {
	Bytes  int64            // the size
	Rows   map[string]int64 // of each table but our own
	Schema map[Named]string // the SQL of everything in the schema but our own
}

// Named is something in a schema, by its name.
type Named struct {
	Kind string // table, index, view, trigger
	Name string
}

// DatabaseCreator is a [Backend] on a server where the database itself can be
// made.
type DatabaseCreator interface {
	// CreateDatabase makes the database, empty. The error wraps [fs.ErrExist]
	// where it is there already.
	CreateDatabase(ctx context.Context) error
}

// BackupAdviser is a [Backend] that leaves backups to a tool of the database's
// own.
type BackupAdviser interface {
	// BackupCommand returns the command line that makes a backup, without the
	// password.
	BackupCommand() string
}

// Copier is a [Backend] that can make a consistent copy of the database while
// others use it.
type Copier interface {
	// Copy writes the copy to a new file. The error wraps [fs.ErrExist] where
	// the file is there already; an incomplete file is removed.
	Copy(ctx context.Context, file string) error
}

// Restorer is a [Backend], or a [Session], that can make the database what a
// backup holds, while others use it.
type Restorer interface {
	// Restore checks the file, keeps what is to be replaced, and replaces it in
	// one transaction. Where it fails, or is killed, the database is what it was.
	// The error wraps [migration.ErrNotDatabase] or [migration.ErrDamaged] where
	// the file is not sound, and [fs.ErrExist] where the file to keep is there.
	Restore(ctx context.Context, file string, o RestoreOptions) (Restored, error)
}

// RestoreOptions says how a database is restored.
type RestoreOptions struct {
	// Keep is the new file to which the database is copied that is replaced.
	// Empty means one that is named as a backup is.
	Keep string
	// LockTimeout is how long to wait for a run to end. 0 means 30 s, negative
	// not at all. A session has the lock.
	LockTimeout time.Duration
	// Waiting is called once when a run holds the lock. It may be nil.
	Waiting func(holder string)
}

// Restored says what came of restoring.
type Restored struct {
	State    migration.State // where the database stands now; empty if it is not managed
	Kept     string          // the file with what was replaced; empty where there was nothing
	Findings []migration.Finding
}

// Archive is a [Backend] whose backups lie beside it.
type Archive interface {
	// Backups returns the backups of this database, newest first.
	Backups(ctx context.Context) ([]BackupFile, error)
}

// BackupFile is one backup.
type BackupFile struct {
	File  string
	Time  time.Time       // when it was made, as its name says
	Bytes int64           // its size
	State migration.State // where the database stood; empty if it was not managed
	Err   error           // why it can't be read, if it can't
}

// Drafter is a [Backend] that can write its schema as a script.
type Drafter interface {
	// Draft returns a script that makes the same schema in an empty database;
	// that it does has been checked.
	Draft(ctx context.Context) ([]byte, error)
}

// Enroller is a [Backend] whose database may exist without a version table.
type Enroller interface {
	// Enroll adopts the database: it makes the version table at the entry's To
	// and records the entry, in one transaction. The error wraps
	// [migration.ErrManaged] where it has one.
	Enroll(ctx context.Context, e migration.Entry) error
}

// Verifier is a [Backend] that can check the database's soundness.
type Verifier interface {
	// Verify runs the database's own checks and returns what they complain of.
	Verify(ctx context.Context) ([]migration.Finding, error)
}

// TableReader is a [Backend] that can show a table of another program's, such as
// that of another migration tool.
type TableReader interface {
	// ReadTable returns all rows of the table. The name may have a schema, or a
	// database, before a dot. The error wraps [migration.ErrNoTable] where there is
	// no such table. It takes no lock and writes nothing.
	ReadTable(ctx context.Context, name string) (Table, error)
}

// Table is what a table holds, as text; NULL is "".
type Table struct {
	Columns []string
	Rows    [][]string
}
