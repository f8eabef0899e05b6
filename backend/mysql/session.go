package mysql

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// session is what a run has of the database while it holds the lock.
type session struct {
	backend *Backend
	options backend.SessionOptions
	server  *server
	lock    *lock

	control *connection // for marks; no script touches it. nil while it is lost
	conn    *connection // for scripts; nil while there is none
	used    bool        // a script left something behind on conn
	kept    bool        // the book's table is there

	tables engines
	looked bool  // for an entry that an earlier run did not finish
	litter int64 // the newest entry that is done and has marks left
}

// Session takes the lock and pins connections.
func (b *Backend) Session(ctx context.Context, o backend.SessionOptions) (backend.Session, error) {
	server, err := b.about(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{backend: b, options: o, server: server}
	if s.control, err = b.connect(ctx); err != nil {
		return nil, err
	}
	err = b.welcome(ctx, s.control)
	switch {
	case err != nil:
	case b.lent != nil:
		if err = s.borrow(ctx); err == nil && b.inside {
			return enclosed{s}, nil
		} else if err == nil {
			return s, nil
		}
	default:
		s.lock, err = b.acquire(ctx, s.control, o)
	}
	if err != nil {
		return nil, errors.Join(err, s.control.close())
	}
	// From here on nothing of an earlier run is at work on the server, so that
	// what is read stays true.
	if _, err = s.ready(ctx, b.book.kind() != migration.Functions); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// marks returns the connection for marks, a new one where it was lost.
func (s *session) marks(ctx context.Context) (*connection, error) {
	if s.control != nil {
		return s.control, nil
	}
	c, err := s.backend.connect(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	s.control = c
	return c, nil
}

// again makes the connection for marks anew if it is broken.
func (s *session) again(ctx context.Context) {
	if s.control != nil && s.backend.lent == nil && !s.control.ping(context.WithoutCancel(ctx)) {
		s.control.discard()
		s.control = nil
	}
}

// ready returns the connection for a script that nothing was done to yet. It
// takes several statements at once only where joins says that it may.
func (s *session) ready(ctx context.Context, joins bool) (*connection, error) {
	if s.backend.lent != nil {
		return s.control, nil
	}
	if s.conn != nil && (s.used || s.conn.joins && !joins) {
		s.drop()
	}
	if s.conn == nil {
		patience := s.options.LockTimeout
		if patience == 0 {
			patience = defaultLockTimeout
		}
		c, err := s.backend.script(ctx, max(patience, time.Second), joins)
		if err != nil {
			return nil, err
		}
		s.conn = c
	}
	return s.conn, nil
}

// drop throws the script's connection away.
func (s *session) drop() {
	if s.conn != nil {
		s.conn.discard()
	}
	s.conn, s.used = nil, false
}

// State reads where the database stands.
func (s *session) State(ctx context.Context) (migration.State, error) {
	c, err := s.marks(ctx)
	if err != nil {
		return "", err
	}
	return c.state(ctx)
}

// History reads the history table, or what the table of another book tells.
func (s *session) History(ctx context.Context) ([]migration.Entry, error) {
	c, err := s.marks(ctx)
	if err != nil {
		return nil, err
	}
	return c.past(ctx)
}

// Mark records an entry and moves the version, in one transaction. Marks of a
// script that was not finished have no meaning any more then, and neither has
// the entry of a function that was begun: the new one stands behind it.
func (s *session) Mark(ctx context.Context, e migration.Entry) error {
	c, err := s.marks(ctx)
	if err == nil {
		err = s.keep(ctx, c)
	}
	if err != nil {
		return err
	}
	e.StartedAt, e.FinishedAt = now(), now()
	return c.transaction(ctx, func(ctx context.Context) error {
		enter := s.backend.writesHistory
		if !enter {
			last, ok, err := c.last(ctx)
			if err != nil {
				return err
			}
			enter = ok && !last.Ended()
		}
		if enter {
			if _, err := s.insert(ctx, c, e); err != nil {
				return err
			}
		}
		if err := s.backend.book.record(ctx, s, c, e.Step()); err != nil {
			return err
		}
		return c.do(ctx, "DELETE FROM "+s.backend.names.progress)
	})
}

// insert adds an entry to the history while the database stands at the entry's
// From and the lock is ours, and returns the entry's id.
func (s *session) insert(ctx context.Context, c *connection, e migration.Entry) (int64, error) {
	result, err := c.ExecContext(ctx, s.backend.insertEntry(e)+s.fence(e.From))
	if err != nil {
		return 0, c.described(err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return 0, errors.Join(err, s.moved(ctx, c, e.From))
	}
	return result.LastInsertId()
}

// insertEntry returns the statement that adds an entry, up to its FROM.
func (b *Backend) insertEntry(e migration.Entry) string {
	into, _, _ := strings.Cut(b.history.Insert(), " VALUES ")
	return into + " SELECT " + literals(b.history.Args(e))
}

// fence is the end of a statement that adds a row: nothing is added unless the
// lock is ours and the database stands where it should.
func (s *session) fence(at migration.State) string {
	table, where := s.backend.book.stands(s.backend.names, at)
	return " FROM " + table + " JOIN " + s.backend.names.lock + " AS l WHERE " + where + s.ours()
}

// ours is the condition that the lock l is ours.
func (s *session) ours() string { return filled(" AND l.id = 1 AND l.owner = ?", s.lock.owner) }

// alive is what an UPDATE of the lock l sets so that it changes a row in any
// case: a handle of the caller's may count only rows that are changed.
func (s *session) alive() string { return " l.expires = " + s.backend.expires() }

// versionOf returns the version of a state that is one, or -1, which no
// database stands at.
func versionOf(state migration.State) int64 {
	v, err := state.Version()
	if err != nil {
		return -1
	}
	return int64(v)
}

// Close gives the lock back and the connections.
func (s *session) Close() error {
	s.drop()
	if s.control != nil && s.litter > 0 {
		// If this fails, the marks mean nothing all the same, and go with the next.
		ctx, cancel := context.WithTimeout(context.Background(), aLittle)
		_ = s.control.do(ctx, "DELETE FROM "+s.backend.names.progress+filled(" WHERE entry <= ?", s.litter))
		cancel()
	}
	err := s.lock.release(s.control)
	if s.control != nil {
		err = errors.Join(err, s.control.close())
	}
	return err
}
