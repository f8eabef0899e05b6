package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/filelock"
	"github.com/fastmigrate/fastmigrate/migration"
)

// session is one pinned connection under the lock.
type session struct {
	backend *Backend
	conn    *connection // nil while an outside program has the database
	used    bool        // a script may have left something behind on the connection
	wide    bool        // the connection has the cache of a group
	lock    *filelock.Lock
	options backend.SessionOptions
	before  surroundings // of a connection that is to be given back as it was
	keys    foreignKeys
	direct  bool // the schema has nothing through which a short statement takes long
}

// Session takes the lock and pins a connection. A database in memory has no
// lock: nobody else can reach it.
func (b *Backend) Session(ctx context.Context, o backend.SessionOptions) (backend.Session, error) {
	file, err := b.lockedFile(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{backend: b, options: o}
	if b.Enclosed() {
		// The transaction is waited for by others, so it does not wait for them.
		o.LockTimeout = -1
		if err := b.fit(ctx); err != nil {
			return nil, err
		}
	}
	if file != "" {
		if s.lock, err = acquire(ctx, file, o); err != nil {
			return nil, err
		}
		b.sweepCopy(ctx)
	}
	if err := s.pin(ctx); err != nil {
		return nil, errors.Join(err, s.lock.Close())
	}
	if o.Strict {
		if err := s.keys.remember(ctx, s.conn); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// lockedFile returns the path of the database's file, or "" for a database in
// memory.
func (b *Backend) lockedFile(ctx context.Context) (file string, err error) {
	if b.owned && b.path != Memory {
		return b.path, b.exists()
	}
	err = b.use(ctx, func(c *connection) error {
		file, err = c.file(ctx)
		return err
	})
	return file, err
}

// pin takes a connection and sets it up for scripts: foreign keys are off, as
// the Python tool has them.
func (s *session) pin(ctx context.Context) error {
	c, err := s.backend.connect(ctx)
	if err != nil {
		return err
	}
	if !s.replaceable() {
		if s.before, err = look(ctx, c); err != nil {
			return errors.Join(err, c.close())
		}
	}
	s.conn = c
	if err := s.setUp(ctx); err != nil {
		s.conn = nil
		return errors.Join(err, c.close())
	}
	return nil
}

func (s *session) setUp(ctx context.Context) error {
	err := s.conn.exec(ctx, "PRAGMA foreign_keys = OFF")
	if err == nil && !s.backend.owned {
		err = s.conn.exec(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", busyTimeout.Milliseconds()))
	}
	if err == nil {
		s.direct, err = s.conn.withoutRoutines(ctx)
	}
	if err != nil {
		return s.conn.named(err)
	}
	return nil
}

// replaceable says whether the connection can be thrown away and opened anew:
// only where it is ours, and the database does not live in it.
func (s *session) replaceable() bool { return s.backend.owned && s.backend.path != Memory }

// ready makes sure that there is a connection, and that nothing which a script
// did to it is met by what comes next: by a new connection, or by setting this
// one back. Where that fails it is tried again by the next who asks.
func (s *session) ready(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	switch {
	case s.conn == nil:
		return s.pin(ctx)
	case !s.used:
		return nil
	case s.replaceable():
		if err := s.drop(); err != nil {
			return err
		}
		return s.pin(ctx)
	}
	if err := s.before.restore(ctx, s.conn); err != nil {
		return err
	}
	s.used = false
	return s.setUp(ctx)
}

// drop closes a connection that can be opened anew.
func (s *session) drop() error {
	c := s.conn
	s.conn, s.used, s.wide = nil, false, false
	return c.discard()
}

// State reads the version.
func (s *session) State(ctx context.Context) (migration.State, error) {
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	return s.conn.state(ctx)
}

// History reads the history table.
func (s *session) History(ctx context.Context) ([]migration.Entry, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s.conn.past(ctx)
}

// Mark records an entry and moves the version, in one transaction.
func (s *session) Mark(ctx context.Context, e migration.Entry) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	e.StartedAt, e.FinishedAt = now(), now()
	return s.conn.write(ctx, func() error {
		if err := s.conn.expect(ctx, e.From); err != nil {
			return err
		}
		if err := s.conn.enter(ctx, e); err != nil {
			return err
		}
		return s.conn.move(ctx, e.Step())
	})
}

// Close gives the connection back as it was, and the lock.
func (s *session) Close() error {
	var err error
	switch {
	case s.conn == nil:
	case s.replaceable():
		err = s.drop()
	default:
		err = errors.Join(s.before.restore(context.Background(), s.conn), s.conn.close())
	}
	return errors.Join(err, s.lock.Close())
}
