package backendtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// MemoryBackend is the backend over a [Memory].
type MemoryBackend struct{ db *Memory }

// Open returns a backend over the database, as many as are wanted.
func (m *Memory) Open() *MemoryBackend { return &MemoryBackend{m} }

// Name returns "memory".
func (b *MemoryBackend) Name() string { return "memory" }

// State reads the version.
func (b *MemoryBackend) State(ctx context.Context) (state migration.State, err error) {
	err = b.read(ctx, func(c *content) error {
		state, err = c.state()
		return err
	})
	return state, err
}

// History reads the history.
func (b *MemoryBackend) History(ctx context.Context) (entries []migration.Entry, err error) {
	err = b.read(ctx, func(c *content) error {
		entries = slices.Clone(c.history)
		return nil
	})
	return entries, err
}

// read runs f on the content.
func (b *MemoryBackend) read(ctx context.Context, f func(*content) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.db.mu.Lock()
	defer b.db.mu.Unlock()
	return f(&b.db.content)
}

// state returns the version, if there is a version table.
func (c *content) state() (migration.State, error) {
	if !c.managed {
		return "", &migration.Error{
			Op: "open", Err: fmt.Errorf("%w: it has no version table", migration.ErrNotManaged), Hint: "create makes one",
		}
	}
	return c.version.State(), nil
}

// Create makes the version table.
func (b *MemoryBackend) Create(ctx context.Context) error {
	return b.adopt(ctx, migration.Entry{To: "0"})
}

// Enroll adopts the database at the entry's version.
func (b *MemoryBackend) Enroll(ctx context.Context, e migration.Entry) error { return b.adopt(ctx, e) }

// adopt makes the version table, at the entry's To, and records the entry if it
// has a status.
func (b *MemoryBackend) adopt(ctx context.Context, e migration.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.db.transaction(func(c *content) error {
		if c.managed {
			return fmt.Errorf("%w, at version %d", migration.ErrManaged, c.version)
		}
		c.managed = true
		if e.Status != "" {
			e.StartedAt, e.FinishedAt = now(), now()
			c.record(e)
		}
		return c.move(e.To)
	})
}

// record adds an entry to the history, or writes over the one with its id.
func (c *content) record(e migration.Entry) int64 {
	if e.ID == 0 {
		e.ID = int64(len(c.history) + 1)
		c.history = append(c.history, e)
	}
	c.history[e.ID-1] = e
	return e.ID
}

// move writes the version.
func (c *content) move(to migration.State) (err error) {
	c.version, err = to.Version()
	return err
}

// Groups says that scripts can share a transaction.
func (b *MemoryBackend) Groups() bool { return true }

// Atomic says that all scripts of a run can.
func (b *MemoryBackend) Atomic() bool { return true }

// Summary reads the version and sums up those that the history says are applied.
func (b *MemoryBackend) Summary(ctx context.Context) (at migration.State, s backend.Summary, err error) {
	if at, err = b.State(ctx); err != nil {
		return at, s, err
	}
	entries, err := b.History(ctx)
	applied := map[migration.Version]bool{}
	for _, e := range entries {
		to, _ := e.To.Version()
		for v := range applied {
			if v > to {
				delete(applied, v)
			}
		}
		if e.Ended() && e.Direction == migration.Up {
			applied[to] = true
		}
		s.Unfinished = !e.Ended()
	}
	if len(entries) > 0 {
		s.From, _ = entries[0].From.Version()
	}
	for v := range applied {
		s.Digest += v.Digest()
	}
	return at, s, err
}

// Close does nothing: the database stays.
func (b *MemoryBackend) Close() error { return nil }

// now returns the time as the history has it: UTC, in milliseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

var (
	_ backend.Backend    = (*MemoryBackend)(nil)
	_ backend.Inspector  = (*MemoryBackend)(nil)
	_ backend.Grouping   = (*MemoryBackend)(nil)
	_ backend.Atomic     = (*MemoryBackend)(nil)
	_ backend.Enroller   = (*MemoryBackend)(nil)
	_ backend.Summarizer = (*MemoryBackend)(nil)
	_ backend.Session    = (*memorySession)(nil)
	_ backend.Grouper    = (*memorySession)(nil)
)
