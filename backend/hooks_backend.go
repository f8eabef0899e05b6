package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/fastmigrate/fastmigrate/internal/filelock"
	"github.com/fastmigrate/fastmigrate/migration"
)

// hooked is the backend that Hooks make.
type hooked struct {
	hooks Hooks

	mu        sync.Mutex // of what follows, and while it changes
	connected bool
	ensured   bool // the version table is there
	closed    bool
}

// Name returns the kind of database.
func (b *hooked) Name() string { return b.hooks.Kind }

// State reads the version, after seeing to it that there is one.
func (b *hooked) State(ctx context.Context) (migration.State, error) {
	if err := b.prepare(ctx); err != nil {
		return "", err
	}
	return b.state(ctx)
}

// History returns none: hooks keep none.
func (b *hooked) History(context.Context) ([]migration.Entry, error) { return nil, nil }

// Create makes the version table. Whether it was there before the backend was
// opened, the hooks do not tell.
func (b *hooked) Create(ctx context.Context) error {
	b.mu.Lock()
	managed := b.ensured
	b.mu.Unlock()
	if managed {
		return &migration.Error{Op: "create", Err: migration.ErrManaged}
	}
	s, err := b.Session(ctx, SessionOptions{})
	if err != nil {
		return err
	}
	return s.Close()
}

// Session takes the lock and sees to it that there is a version.
func (b *hooked) Session(ctx context.Context, o SessionOptions) (Session, error) {
	if err := b.connect(ctx); err != nil {
		return nil, err
	}
	held, err := b.lock(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &hookedSession{backend: b, lock: held}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.ensure(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close calls the hook for it, once, if there is a connection to close.
func (b *hooked) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	open := !b.closed && (b.connected || b.hooks.Connect == nil)
	b.closed = true
	if !open || b.hooks.Close == nil {
		return nil
	}
	return b.hooks.Close()
}

// prepare connects and makes the version table if that has not been done yet.
// Two runs that made it at once might get in each other's way.
func (b *hooked) prepare(ctx context.Context) error {
	if err := b.connect(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ensured {
		return nil
	}
	held, err := b.lock(ctx, SessionOptions{LockTimeout: -1})
	if errors.Is(err, migration.ErrBusyRun) {
		return locked{err}
	}
	if err != nil {
		return err
	}
	err = b.ensure(ctx)
	if held != nil {
		err = errors.Join(err, held.Close())
	}
	return err
}

// connect calls the hook for it, once.
func (b *hooked) connect(ctx context.Context) error {
	if err := cmp.Or(b.hooks.complete(), ctx.Err()); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return &migration.Error{Op: "connect", Err: errors.New("the database has been closed")}
	}
	if b.connected {
		return nil
	}
	if b.hooks.Connect != nil {
		if err := b.hooks.Connect(ctx); err != nil {
			return err
		}
	}
	b.connected = true
	return nil
}

// ensure makes the version table, once.
func (b *hooked) ensure(ctx context.Context) error {
	if b.ensured {
		return nil
	}
	if err := b.hooks.EnsureMeta(ctx); err != nil {
		return err
	}
	b.ensured = true
	return nil
}

// lock takes the lock, in the way that the hooks say. It returns nil where they
// say none.
func (b *hooked) lock(ctx context.Context, o SessionOptions) (io.Closer, error) {
	switch {
	case b.hooks.Lock != nil:
		return b.hooks.Lock(ctx, o)
	case b.hooks.LockName == "":
		return nil, nil
	}
	path, err := filelock.Private(b.hooks.LockName)
	if err != nil {
		return nil, err
	}
	return filelock.Acquire(ctx, path, filelock.Options{Timeout: o.LockTimeout, Waiting: o.Waiting})
}

// state reads the version.
func (b *hooked) state(ctx context.Context) (migration.State, error) {
	v, err := b.hooks.Version(ctx)
	switch {
	case err != nil:
		return "", err
	case v < 0:
		return "", &migration.Error{
			Op: "read", Err: fmt.Errorf("%w: the version is %d", migration.ErrBadVersion, v),
			Hint: "versions count from 0",
		}
	}
	return v.State(), nil
}

// complete fails where a hook is missing that there must be.
func (h Hooks) complete() error {
	var missing []string
	for _, hook := range []struct {
		name string
		nil  bool
	}{
		{"EnsureMeta", h.EnsureMeta == nil}, {"Version", h.Version == nil},
		{"SetVersion", h.SetVersion == nil}, {"ExecSQL", h.ExecSQL == nil},
	} {
		if hook.nil {
			missing = append(missing, hook.name)
		}
	}
	if missing == nil {
		return nil
	}
	return &migration.Error{Op: "open", Err: fmt.Errorf("backend.Hooks without %s", strings.Join(missing, ", "))}
}

// locked makes the error of a run that waits for no other match
// [migration.ErrLocked], too: whoever only reads may find the database so.
type locked struct{ error }

func (l locked) Is(target error) bool { return target == migration.ErrLocked }
func (l locked) Unwrap() error        { return l.error }
