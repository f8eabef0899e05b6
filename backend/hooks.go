package backend

import (
	"context"
	"io"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Hooks is a database given by the few things that are done with it, and the
// shortest way to a [Backend]:
//
//	b := backend.Hooks{
//		EnsureMeta: func(ctx context.Context) error { … },
//		Version:    func(ctx context.Context) (migration.Version, error) { … },
//		SetVersion: func(ctx context.Context, v migration.Version) error { … },
//		ExecSQL:    func(ctx context.Context, sql string) error { … },
//		LockName:   "stock@db.example.com",
//	}.Backend()
//
// Executing a script and setting the version are two calls. Whatever happens
// between them, the script is executed again by the next run: each migration is
// applied at least once, where the backends that are one piece promise exactly
// once. There is no history either: a database knows its version, and nothing
// of late or edited files.
//
// The hooks of one session are called one at a time. Those of a Backend that
// several goroutines share are called by several.
type Hooks struct {
	// Kind names the kind of database, in lower case. Empty means "hooks".
	Kind string

	// EnsureMeta makes the table that holds the version, at version 0, where it
	// is not there. It is called once, before Version, under the lock.
	EnsureMeta func(ctx context.Context) error
	// Version returns the version that the database is at.
	Version func(ctx context.Context) (migration.Version, error)
	// SetVersion makes v the version that the database is at.
	SetVersion func(ctx context.Context, v migration.Version) error
	// ExecSQL executes a script, of which it should leave nothing behind when it
	// fails. The text is all of the script, with LF at the ends of its lines.
	ExecSQL func(ctx context.Context, sql string) error

	// Connect is called once, before all others. It may be nil.
	Connect func(ctx context.Context) error
	// Close is called at the end, whatever happened, unless Connect failed. It
	// may be nil.
	Close func() error

	// Lock lets one run at a time work on the database: it waits as long as the
	// options say, and returns what gives the lock back. The error wraps
	// [migration.ErrBusyRun] where another run kept the lock. If the result has
	// a method Inherit() []*os.File, outside programs keep those files open, so
	// that a lock on them lives as long as they.
	//
	// Where it is nil, LockName is what the database is called, the same in all
	// programs that migrate it, for a lock among the programs of this user on
	// this machine. With neither, nothing keeps two runs apart.
	Lock     func(ctx context.Context, o SessionOptions) (io.Closer, error)
	LockName string

	// Argument is what .py and .sh migrations are given for the database.
	Argument string
}

// Backend returns the backend that the hooks make. A hook that is missing is
// reported by the first method that is called.
//
// Its State, and so a plan, is not free of writing: it connects, and calls
// EnsureMeta once, under the lock. The error of State wraps
// [migration.ErrLocked] where another run holds that.
func (h Hooks) Backend() Backend {
	if h.Kind == "" {
		h.Kind = "hooks"
	}
	return &hooked{hooks: h}
}
