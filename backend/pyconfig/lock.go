package pyconfig

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/filelock"
	"github.com/fastmigrate/fastmigrate/internal/pyhost"
	"github.com/fastmigrate/fastmigrate/migration"
)

const (
	defaultLockTimeout = 30 * time.Second
	hookPoll           = 100 * time.Millisecond
)

// locks is the lock of the backend: that of config.py's hooks, or else a file.
type locks struct {
	backend *Backend
	name    string // of the file
	keep    bool   // until giveBack

	mu      sync.Mutex
	held    io.Closer // nil where the lock is free
	leased  bool      // somebody works under it
	version *migration.Version
}

// take takes the lock, waiting as long as the options say.
func (l *locks) take(ctx context.Context, o backend.SessionOptions) (io.Closer, error) {
	if kept := l.lease(nil); kept != nil {
		return kept, nil
	}
	var held io.Closer
	var err error
	if l.backend.host.Locks {
		held, err = l.hooks(ctx, o)
	} else {
		held, err = l.file(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	return l.lease(held), nil
}

// lease hands out the lock that is held: the new one, or the one that was kept.
// It returns nil where there is none, or where somebody works under it.
func (l *locks) lease(held io.Closer) io.Closer {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held != nil {
		l.held, l.version = held, nil
	} else if l.held == nil || l.leased {
		return nil
	}
	l.leased = true
	return &lease{locks: l}
}

// file takes the lock on the file.
func (l *locks) file(ctx context.Context, o backend.SessionOptions) (io.Closer, error) {
	path, err := filelock.Private(l.name)
	if err != nil {
		return nil, err
	}
	held, err := filelock.Acquire(ctx, path, filelock.Options{Timeout: o.LockTimeout, Waiting: o.Waiting})
	if err != nil {
		return nil, err
	}
	return held, nil
}

// hooks calls the hook lock until it says that it has the lock.
func (l *locks) hooks(ctx context.Context, o backend.SessionOptions) (io.Closer, error) {
	timeout := o.LockTimeout
	if timeout == 0 {
		timeout = defaultLockTimeout
	}
	for began, told := time.Now(), false; ; {
		got, err := l.hook(ctx)
		if err != nil {
			return nil, err
		}
		if got {
			return hookLock{l.backend}, nil
		}
		if !told && timeout > 0 && o.Waiting != nil {
			o.Waiting("a run that the hook lock waits for")
			told = true
		}
		if time.Since(began) >= timeout {
			return nil, &migration.Error{
				Op: "lock", Err: fmt.Errorf("%w: the hook lock does not get it", migration.ErrBusyRun),
				Hint: "wait for it to end, or wait longer with --lock-timeout",
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the lock: %w", ctx.Err())
		case <-time.After(hookPoll):
		}
	}
}

// hook calls the hook lock, which may give the same connection a lock that it
// has, unless somebody works under that.
func (l *locks) hook(ctx context.Context) (bool, error) {
	l.mu.Lock()
	held := l.held != nil
	l.mu.Unlock()
	if held {
		return false, nil
	}
	value, err := l.backend.call(ctx, pyhost.Call{Hook: "lock"})
	return value.Locked, err
}

// giveBack gives the lock back for good.
func (l *locks) giveBack() error {
	l.mu.Lock()
	held := l.held
	l.held, l.leased, l.version = nil, false, nil
	l.mu.Unlock()
	if held == nil {
		return nil
	}
	return held.Close()
}

// known returns the version, where only this run can have moved it since it was
// read.
func (l *locks) known() (migration.Version, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.version == nil {
		return 0, false
	}
	return *l.version, true
}

// remember keeps the version, if it is to be read only once.
func (l *locks) remember(v migration.Version) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keep && l.held != nil {
		l.version = &v
	}
}

// lease is the lock while somebody works under it.
type lease struct {
	locks *locks
	once  sync.Once
}

// Close gives the lock back, or keeps it for the next who asks.
func (l *lease) Close() (err error) {
	l.once.Do(func() {
		if !l.locks.keep {
			err = l.locks.giveBack()
			return
		}
		l.locks.mu.Lock()
		defer l.locks.mu.Unlock()
		l.locks.leased = false
	})
	return err
}

// Inherit returns the file to keep open in an outside program.
func (l *lease) Inherit() []*os.File {
	l.locks.mu.Lock()
	defer l.locks.mu.Unlock()
	if file, ok := l.locks.held.(*filelock.Lock); ok {
		return file.Inherit()
	}
	return nil
}

// hookLock is the lock that the hook lock took.
type hookLock struct{ backend *Backend }

// Close calls the hook unlock.
func (h hookLock) Close() error { return h.backend.last("unlock") }

// lockName returns what is the same for all runs of one folder's migrations on
// one database, from wherever they are started.
func lockName(folder, db string) string {
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	if path, err := filepath.Abs(db); err == nil && !isURL(db) && !strings.Contains(db, "=") {
		db = realPath(path)
	}
	return folder + "\n" + db
}

// isURL says whether db is a URL rather than a path. A drive's letter is part
// of a path. host.py decides in the same way.
func isURL(db string) bool {
	scheme, _, found := strings.Cut(db, ":")
	others := strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")
	return found && len(scheme) > 1 && others == "" && !strings.ContainsAny(scheme[:1], "0123456789+.-")
}

// realPath returns a path without links in it, be there a file or not yet.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(folder, filepath.Base(path))
	}
	return path
}
