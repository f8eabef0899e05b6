package mysql

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/history"
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
	if s.lock, err = b.acquire(ctx, s.control, o); err != nil {
		return nil, errors.Join(err, s.control.close())
	}
	// From here on nothing of an earlier run is at work on the server, so that
	// what is read stays true.
	if _, err = s.ready(ctx); err != nil {
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
	if s.control != nil && !s.control.ping(context.WithoutCancel(ctx)) {
		s.control.discard()
		s.control = nil
	}
}

// ready returns the connection for a script that nothing was done to yet.
func (s *session) ready(ctx context.Context) (*connection, error) {
	if s.conn != nil && s.used {
		s.drop()
	}
	if s.conn == nil {
		patience := s.options.LockTimeout
		if patience == 0 {
			patience = defaultLockTimeout
		}
		c, err := s.backend.script(ctx, max(patience, time.Second))
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

// State reads the version.
func (s *session) State(ctx context.Context) (migration.State, error) {
	c, err := s.marks(ctx)
	if err != nil {
		return "", err
	}
	return c.state(ctx)
}

// History reads the history table.
func (s *session) History(ctx context.Context) ([]migration.Entry, error) {
	c, err := s.marks(ctx)
	if err != nil {
		return nil, err
	}
	return c.entries(ctx)
}

// Mark records an entry and moves the version, in one transaction. Marks of a
// script that was not finished have no meaning any more then.
func (s *session) Mark(ctx context.Context, e migration.Entry) error {
	c, err := s.marks(ctx)
	if err != nil {
		return err
	}
	e.StartedAt, e.FinishedAt = now(), now()
	return c.transaction(ctx, func(ctx context.Context) error {
		if err := s.insertAndMove(ctx, c, e); err != nil {
			return err
		}
		return c.do(ctx, "DELETE FROM "+s.backend.names.progress)
	})
}

// insertAndMove adds an entry and moves the version from the entry's From to
// its To, inside an open transaction. Both name the lock's owner and the
// version that they expect.
func (s *session) insertAndMove(ctx context.Context, c *connection, e migration.Entry) error {
	if _, err := s.insert(ctx, c, e); err != nil {
		return err
	}
	return s.move(ctx, c, e)
}

// move moves the version from the entry's From to its To, inside an open
// transaction.
func (s *session) move(ctx context.Context, c *connection, e migration.Entry) error {
	to, err := e.To.Version()
	if err != nil {
		return err
	}
	n, err := c.exec(ctx, "UPDATE "+s.backend.names.meta+filled(" SET version = ? WHERE id = 1 AND version = ?", int64(to), versionOf(e.From)))
	if err == nil && n != 1 {
		err = s.moved(ctx, c, e.From)
	}
	return err
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
	return into + " SELECT " + literals(history.Args(e))
}

// fence is the end of a statement that adds a row: nothing is added unless the
// lock is ours and the database stands where it should.
func (s *session) fence(at migration.State) string {
	return " FROM " + s.backend.names.meta + " AS m JOIN " + s.backend.names.lock + " AS l" +
		filled(" WHERE m.id = 1 AND m.version = ? AND l.id = 1 AND l.owner = ?", versionOf(at), s.lock.owner)
}

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
