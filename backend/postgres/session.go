package postgres

import (
	"context"
	"errors"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// session is one connection for scripts, and the lock on another.
type session struct {
	backend *Backend
	options backend.SessionOptions
	lock    lock
	conn    *connection // nil while an outside program has the database
	used    bool        // a script may have left something behind on the connection

	// hasHistory says that the history table is known to be there.
	hasHistory bool
	ensured    bool        // the transaction at hand makes the table of the book
	server     int         // its major version; 0 on a caller's connection
	watch      *connection // for the progress of long statements; nil before it is needed
}

// Session takes the lock and connects once more, for the scripts.
func (b *Backend) Session(ctx context.Context, o backend.SessionOptions) (backend.Session, error) {
	scripts := b.ahead(ctx)
	waiting := o.Waiting
	o.Waiting = func(holder string) {
		scripts.drop() // who waits takes up one connection
		if waiting != nil {
			waiting(holder)
		}
	}
	l, holds, err := b.acquire(ctx, o)
	if err != nil {
		scripts.drop()
		return nil, err
	}
	s := &session{backend: b, options: o, lock: l}
	if holds.loan != nil {
		s.conn = holds // the caller's one connection has the lock, and the scripts
		return s, nil
	}
	if s.conn, err = scripts.take(ctx, b); err != nil {
		return nil, errors.Join(err, l.release())
	}
	s.conn.schema = holds.schema // the lock is that of this schema
	s.server = s.conn.release()
	return s, nil
}

// ahead is a connection that is made while another is.
type ahead struct {
	made chan struct{} // closed when it is; nil where there is none
	conn *connection
	err  error
}

// ahead begins to connect, where connections are ours to make.
func (b *Backend) ahead(ctx context.Context) *ahead {
	if _, ours := b.lender.(*server); !ours {
		return &ahead{}
	}
	a := &ahead{made: make(chan struct{})}
	go func() {
		defer close(a.made)
		a.conn, a.err = b.connect(ctx)
	}()
	return a
}

// take returns the connection, or a new one where it was dropped, or could not be
// made beside the other.
func (a *ahead) take(ctx context.Context, b *Backend) (*connection, error) {
	if a.made != nil {
		if <-a.made; a.err == nil {
			return a.conn, nil
		}
	}
	return b.connect(ctx)
}

// drop closes the connection.
func (a *ahead) drop() {
	if a.made == nil {
		return
	}
	<-a.made
	a.made = nil
	if a.err == nil {
		_ = a.conn.close()
	}
}

// ready makes sure that there is a connection with no transaction open, and
// that nothing which a script did to it is met by what comes next.
func (s *session) ready(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if s.conn != nil && !s.conn.IsClosed() {
		_ = s.conn.rollback()
	}
	if s.conn != nil && s.conn.loan != nil {
		used := s.used
		s.used = false
		return s.conn.asLent(ctx, used)
	}
	if s.conn != nil && !s.conn.IsClosed() && s.used {
		if err := s.conn.exec(ctx, "DISCARD ALL"); err != nil {
			_ = s.conn.close()
		}
	}
	s.used = false
	if s.conn != nil && !s.conn.IsClosed() {
		return nil
	}
	c, err := s.backend.connect(ctx)
	if err != nil {
		return err
	}
	s.conn = c
	return nil
}

// State reads where the database stands.
func (s *session) State(ctx context.Context) (migration.State, error) {
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	return s.conn.state(ctx)
}

// begins is [session.ready] before something is recorded: it also finds out
// whether our table is there.
func (s *session) begins(ctx context.Context, from, to migration.State) error {
	if err := s.backend.book.fits(from, to); err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil || s.conn.looked || s.backend.isFiles() {
		return err
	}
	_, err := s.conn.state(ctx)
	return err
}

// History reads the history table, and that of another book.
func (s *session) History(ctx context.Context) (entries []migration.Entry, err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	entries, s.hasHistory, err = s.conn.past(ctx)
	return entries, err
}

// Mark records an entry and moves the version, in one transaction.
func (s *session) Mark(ctx context.Context, e migration.Entry) error {
	if err := s.begins(ctx, e.From, e.To); err != nil {
		return err
	}
	e.StartedAt, e.FinishedAt = now(), now()
	return s.write(ctx, e.From, func(b *batch) {
		s.enter(b, e)
		b.ours(s.backend.book.move(s.conn, e.Step()))
	})
}

// write sends statements of ours in a transaction that first sees to it that
// the database stands where it should, and that the lock is still ours.
func (s *session) write(ctx context.Context, from migration.State, add func(*batch)) error {
	if err := s.backend.book.fits(from); err != nil {
		return err
	}
	var b batch
	s.begin(&b)
	s.ourselves(&b)
	s.guard(&b, from)
	b.ours(s.lock.standing(true))
	add(&b)
	b.ours(s.conn.closing())
	if err := s.conn.send(ctx, &b); err != nil {
		_ = s.conn.rollback()
		if meant := raised(err, from); meant != nil {
			return meant
		}
		return &migration.Error{Op: "record", Err: err, Hint: hintFor(err)}
	}
	s.committed()
	return nil
}

// enter adds what enters an entry into the history, where one is kept.
func (s *session) enter(b *batch, e migration.Entry) {
	if s.backend.writesHistory {
		s.createHistory(b)
		b.ours(s.conn.insert(e))
	}
}

// createHistory makes the history table where it is not known to be there.
func (s *session) createHistory(b *batch) {
	if !s.hasHistory {
		b.ours(s.conn.table().Create())
		b.ours(s.conn.table().Comment())
	}
}

// Close closes the connections and gives the lock back.
func (s *session) Close() error {
	if s.conn != nil && s.conn.loan != nil {
		return s.giveBack()
	}
	for _, c := range []*connection{s.conn, s.watch} {
		if c != nil {
			_ = c.rollback()
			_ = c.close()
		}
	}
	return s.lock.release()
}
