package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Stageable returns nil where a step can run on a copy that then becomes the
// database, and otherwise why it can't.
func (b *Backend) Stageable(ctx context.Context, step migration.Step) error {
	switch t := step.Traits; {
	case !b.replaceable():
		return b.unreplaceable("plan")
	case t.Attaches:
		return errors.New("it attaches another database, which would be written to at once")
	case !t.PageSize:
		return nil
	}
	return b.apart(ctx, func(c *connection) error {
		journal, err := c.journal(ctx)
		if err == nil && journal == "wal" {
			err = errPageSize
		}
		return err
	})
}

// errPageSize says what the engine's backup can't do.
var errPageSize = errors.New("it sets the page size, which can't be changed while the database has a write-ahead log")

// stage is a session on a copy that is to become the database.
type stage struct {
	*session          // on the copy
	origin   *session // on the database
	since    int64    // number of changes when the copy was made
	closed   bool
}

// Stage makes a copy beside the database, and a session on it. The session's own
// connection stays open: it tells afterwards whether others have written.
func (s *session) Stage(ctx context.Context) (backend.Stage, error) {
	b := s.backend
	if !b.replaceable() {
		return nil, b.unreplaceable("copy")
	}
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	file := b.real() + workSuffix
	st := &stage{origin: s}
	err := vacate(ctx, file, s.options)
	if err == nil {
		st.since, err = s.copyWhole(ctx, file)
	}
	if err == nil {
		o := s.options
		o.Atomic = false
		var opened backend.Session
		if opened, err = b.as(file).Session(ctx, o); err == nil {
			st.session = opened.(*session)
		}
	}
	if err != nil {
		removeDatabase(file)
		return nil, fmt.Errorf("copy the database: %w", err)
	}
	return st, nil
}

// copyWhole copies the database, with its mode, where there is room for that and
// for writing it back, and returns its number of changes.
func (s *session) copyWhole(ctx context.Context, file string) (int64, error) {
	bytes, err := s.conn.size(ctx)
	if err == nil {
		err = roomFor(filepath.Dir(file), 2*bytes)
	}
	if err != nil {
		return 0, err
	}
	copied, err := s.backend.copyFresh(ctx, s.conn, file)
	if err != nil {
		return 0, err
	}
	return copied.changes, s.conn.giveMode(ctx, file)
}

// Copy returns the path of the copy.
func (st *stage) Copy() string { return st.session.backend.path }

// Commit makes the database what the copy is.
func (st *stage) Commit(ctx context.Context) ([]migration.Finding, error) {
	b, file, c := st.origin.backend, st.Copy(), st.origin.conn
	if err := st.release(ctx); err != nil {
		return nil, err
	}
	r, err := b.ready(ctx, file, 0)
	if err != nil {
		return nil, fmt.Errorf("write back: %w", err)
	}
	err = st.fits(ctx, r)
	if err == nil {
		err = b.replace(ctx, c, file, unchanged(ctx, st.since))
	}
	if err = errors.Join(err, st.origin.drop()); err != nil {
		return nil, fmt.Errorf("write back: %w", err)
	}
	return b.journalAs(context.WithoutCancel(ctx), r), nil
}

// release closes the session on the copy, and waits for an outside program that
// may still be at work on it.
func (st *stage) release(ctx context.Context) error {
	st.closed = true
	if err := st.session.Close(); err != nil {
		return err
	}
	held, err := acquire(ctx, st.Copy(), st.options)
	if err != nil {
		return fmt.Errorf("write back: a program that a migration started still works on the copy: %w", err)
	}
	return errors.Join(held.Close(), st.session.backend.Close())
}

// fits fails where the copy can't be written back.
func (st *stage) fits(ctx context.Context, r replacement) error {
	c := st.origin.conn
	journal, err := c.journal(ctx)
	if err != nil {
		return err
	}
	pageSize, err := c.pageSize(ctx)
	if err != nil {
		return err
	}
	if journal == "wal" && pageSize != r.pageSize {
		return fmt.Errorf("%w: %w", migration.ErrNotAtomic, errPageSize)
	}
	bytes, err := c.size(ctx)
	if err != nil {
		return err
	}
	return st.origin.backend.roomToReplace(bytes, r.bytes, 0)
}

// Close removes the copy.
func (st *stage) Close() error {
	var err error
	if !st.closed {
		err = errors.Join(st.session.Close(), st.session.backend.Close())
	}
	removeDatabase(st.Copy())
	return err
}
