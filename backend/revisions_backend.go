package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// revisionBackend is the backend that a RevisionStore makes.
type revisionBackend struct {
	name  string
	store RevisionStore
}

// Name returns the kind of database.
func (b *revisionBackend) Name() string { return b.name }

// State reads the revision.
func (b *revisionBackend) State(ctx context.Context) (migration.State, error) {
	at, err := b.store.Current(ctx)
	return at.State(), err
}

// History returns none: a store tells where it stands and no more.
func (b *revisionBackend) History(context.Context) ([]migration.Entry, error) { return nil, nil }

// Create makes the table of revisions.
func (b *revisionBackend) Create(ctx context.Context) error {
	s, err := b.Session(ctx, SessionOptions{})
	if err != nil {
		return err
	}
	return s.Close()
}

// Keep says that this book is the only one.
func (b *revisionBackend) Keep(book Book) (Backend, error) {
	if book.Kind != migration.Revisions || book.History {
		return nil, &migration.Error{
			Op:   "open",
			Err:  fmt.Errorf("%w: a store of revisions keeps no %s and no history table", migration.ErrUnsupported, book.Kind),
			Hint: "give it the edges of a graph",
		}
	}
	return b, nil
}

// Inspect sees to it that the script is a text.
func (b *revisionBackend) Inspect(_ context.Context, script *migration.SQL) (migration.Traits, error) {
	t := migration.Traits{Wrapped: true}
	var err error
	t.Checksum, t.Bytes, err = migration.Sum(checked(script))
	var refused *migration.Error
	if errors.As(err, &refused) {
		return t, refused
	}
	return t, err
}

// Atomic says whether the store has transactions.
func (b *revisionBackend) Atomic() bool {
	_, ok := b.store.(Transactor)
	return ok
}

// Session takes the lock, if there is one, and makes the table.
func (b *revisionBackend) Session(ctx context.Context, o SessionOptions) (Session, error) {
	s := &revisionSession{backend: b}
	if locker, ok := b.store.(Locker); ok {
		var err error
		if s.lock, err = locker.Lock(ctx, o); err != nil {
			return nil, err
		}
	}
	if err := b.store.Ensure(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if b.Atomic() {
		return atomicRevisions{s}, nil
	}
	return s, nil
}

// Close closes the store if it can be closed.
func (b *revisionBackend) Close() error {
	if c, ok := b.store.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// revisionSession is a run on a store.
type revisionSession struct {
	backend *revisionBackend
	lock    io.Closer // nil where there is none
}

func (s *revisionSession) State(ctx context.Context) (migration.State, error) {
	return s.backend.State(ctx)
}

func (s *revisionSession) History(ctx context.Context) ([]migration.Entry, error) {
	return s.backend.History(ctx)
}

// Apply runs a step and records it, in a transaction where there are any.
func (s *revisionSession) Apply(ctx context.Context, w Work) (Result, error) {
	var result Result
	err := s.transaction(ctx, func(ctx context.Context) (err error) {
		result, err = s.step(ctx, w)
		return err
	})
	return result, within(w.Step.File(), err)
}

// within says at which file something failed, unless that is said already.
func within(file string, err error) error {
	var at *migration.Error
	if err == nil || errors.As(err, &at) && at.Origin.File != "" {
		return err
	}
	return placed(file, "apply", err)
}

// transaction calls f within a transaction of the store's, if it has any.
func (s *revisionSession) transaction(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := s.backend.store.(Transactor); ok {
		return t.Transaction(ctx, f)
	}
	return f(ctx)
}

// step runs a step and records it, if the database still stands where the step
// starts from.
func (s *revisionSession) step(ctx context.Context, w Work) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	began := time.Now()
	at, err := s.State(ctx)
	if err == nil && at != w.Step.From {
		err = &migration.Error{
			Op:   "apply",
			Err:  fmt.Errorf("%w: from %s to %s, while this run was at work", migration.ErrMoved, w.Step.From, at),
			Hint: "find out what else migrates this database; then run again",
		}
	}
	if err == nil {
		err = s.run(ctx, w)
	}
	if err == nil {
		// That it ran is known, and must be noted even when the run is cancelled.
		err = s.backend.store.Record(context.WithoutCancel(ctx), migration.Revision(w.Step.From), migration.Revision(w.Step.To))
	}
	return Result{Duration: time.Since(began)}, within(w.Step.File(), err)
}

// run lets the store run a body; a panic in a function comes out as an error.
func (s *revisionSession) run(ctx context.Context, w Work) error {
	if code, ok := w.Step.Body().(*migration.Go); ok {
		return code.Call(func() error { return s.backend.store.Run(ctx, code) })
	}
	return s.backend.store.Run(ctx, w.Step.Body())
}

// Begin refuses: there are no outside programs in a graph.
func (s *revisionSession) Begin(_ context.Context, w Work) (Launch, error) {
	return Launch{}, placed(w.Step.File(), "begin", fmt.Errorf("%w: outside programs along a graph", migration.ErrUnsupported))
}

// End is never called, for Begin fails.
func (s *revisionSession) End(context.Context, Work, error) (Result, error) { return Result{}, nil }

// Mark records a step without running it.
func (s *revisionSession) Mark(ctx context.Context, e migration.Entry) error {
	return s.backend.store.Record(ctx, migration.Revision(e.From), migration.Revision(e.To))
}

// Close gives the lock back.
func (s *revisionSession) Close() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

// atomicRevisions is a run on a store with transactions.
type atomicRevisions struct{ *revisionSession }

// ApplyGroup applies all of the works, or none of them.
func (s atomicRevisions) ApplyGroup(ctx context.Context, works []Work) ([]Result, error) {
	var results []Result
	err := s.transaction(ctx, func(ctx context.Context) error {
		for _, w := range works {
			result, err := s.step(ctx, w)
			if err != nil {
				return err
			}
			results = append(results, result)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}
