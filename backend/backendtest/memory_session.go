package backendtest

import (
	"context"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// memorySession holds the lock of a [Memory].
type memorySession struct {
	*MemoryBackend
	options backend.SessionOptions
	closed  bool
}

// Session takes the lock.
func (b *MemoryBackend) Session(ctx context.Context, o backend.SessionOptions) (backend.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := b.State(ctx); err != nil {
		return nil, err
	}
	if err := b.db.acquire(ctx, o); err != nil {
		return nil, err
	}
	b.db.sign("a session since " + now().Format(time.RFC3339))
	return &memorySession{MemoryBackend: b, options: o}, nil
}

// acquire takes the lock, waiting as long as the options say.
func (m *Memory) acquire(ctx context.Context, o backend.SessionOptions) error {
	select {
	case m.lock <- struct{}{}:
		return nil
	default:
	}
	busy := &migration.Error{
		Op: "lock", Err: fmt.Errorf("%w: %s", migration.ErrBusyRun, m.signed()), Hint: "wait for it to end",
	}
	timeout := o.LockTimeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	if timeout < 0 {
		return busy
	}
	if o.Waiting != nil {
		o.Waiting(m.signed())
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case m.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the lock: %w", ctx.Err())
	case <-timer.C:
		return busy
	}
}

// sign notes who holds the lock.
func (m *Memory) sign(holder string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.holder = holder
}

// signed returns who holds the lock.
func (m *Memory) signed() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holder == "" {
		return "a session that has just begun"
	}
	return m.holder
}

// Close gives the lock back.
func (s *memorySession) Close() error {
	if !s.closed {
		s.closed = true
		s.db.sign("")
		<-s.db.lock
	}
	return nil
}

// expect fails unless the database stands at one of the states. Inside a
// transaction this, together with move, is a compare-and-set.
func (c *content) expect(states ...migration.State) error {
	at, err := c.state()
	if err != nil {
		return err
	}
	for _, s := range states {
		if at == s {
			return nil
		}
	}
	return &migration.Error{
		Op: "apply", Err: fmt.Errorf("%w: from %s to %s, while this run was at work", migration.ErrMoved, states[0], at),
		Hint: "find out what else migrates this database; then run again",
	}
}

// Apply runs one script and records it, in one transaction.
func (s *memorySession) Apply(ctx context.Context, w backend.Work) (result backend.Result, err error) {
	err = s.db.transaction(func(c *content) error {
		result, err = c.one(ctx, w)
		return err
	})
	return result, place(w.Step.File(), err)
}

// one runs one script and records it, inside a transaction.
func (c *content) one(ctx context.Context, w backend.Work) (backend.Result, error) {
	if err := c.expect(w.Step.From); err != nil {
		return backend.Result{}, err
	}
	e := w.Entry
	e.StartedAt = now()
	statements, err := c.apply(ctx, w.Step)
	if err != nil {
		return backend.Result{}, err
	}
	e.Status, e.SegmentsDone, e.FinishedAt = migration.Applied, 1, now()
	e.Duration = e.FinishedAt.Sub(e.StartedAt)
	c.record(e)
	return backend.Result{Duration: e.Duration, Statements: statements}, c.move(w.Step.To)
}

// ApplyGroup runs the scripts in one transaction. Those before one that fails
// are committed, unless it is to be all or none of them.
func (s *memorySession) ApplyGroup(ctx context.Context, works []backend.Work) (results []backend.Result, failure error) {
	err := s.db.transaction(func(c *content) error {
		for _, w := range works {
			saved := c.clone()
			result, err := c.one(ctx, w)
			if err != nil {
				*c, failure = saved, place(w.Step.File(), err)
				break
			}
			results = append(results, result)
		}
		if s.options.Atomic {
			return failure
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return results, failure
}

// Begin records that an outside program begins. There is none that can reach
// this database.
func (s *memorySession) Begin(context.Context, backend.Work) (backend.Launch, error) {
	return backend.Launch{}, &migration.Error{
		Op: "begin", Err: fmt.Errorf("%w: an outside program cannot reach a database in memory", migration.ErrUnsupported),
		Hint: "write this migration as a script",
	}
}

// End is never called, since Begin refuses.
func (s *memorySession) End(context.Context, backend.Work, error) (backend.Result, error) {
	return backend.Result{}, migration.ErrUnsupported
}

// Mark records an entry and moves the version, in one transaction.
func (s *memorySession) Mark(_ context.Context, e migration.Entry) error {
	return s.db.transaction(func(c *content) error {
		if err := c.expect(e.From); err != nil {
			return err
		}
		e.StartedAt, e.FinishedAt = now(), now()
		c.record(e)
		return c.move(e.To)
	})
}
