package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// How long it is tried to find out how a COMMIT ended, and how often.
const (
	doubtPatience = 30 * time.Second
	doubtPoll     = 100 * time.Millisecond
)

var errBroken = errors.New("the connection broke while the transaction was being committed")

// resolve finds out, after the connection broke during a COMMIT, whether it
// took effect. The server may still be working on what it was sent: that is
// ended first.
func (s *session) resolve(ctx context.Context, arrived func(context.Context) (bool, error)) (bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), doubtPatience)
	defer cancel()
	old := s.conn
	if old.loan != nil {
		return false, errors.New("the connection is not ours to make anew")
	}
	_ = old.close()
	var err error
	for again := 0; again < 20; again++ {
		if s.conn, err = s.backend.connect(ctx); err == nil {
			break
		}
		s.conn = old
		select {
		case <-ctx.Done():
			return false, err
		case <-time.After(doubtPoll):
		}
	}
	if err != nil {
		return false, err
	}
	s.conn.schema = old.schema
	if err := s.conn.end(ctx, old); err != nil {
		return false, err
	}
	return arrived(ctx)
}

// end ends what the server still does for a connection that broke, and returns
// when it does nothing any more. Behind a pooler it is not known which process
// that is; a lock on the version's row then waits for its transaction.
func (c *connection) end(ctx context.Context, old *connection) error {
	if old.pid == 0 {
		err := c.exec(ctx, "BEGIN; "+c.backend.book.wait(c)+"; COMMIT")
		if codeOf(err) == codeNoTable {
			return c.rollback() // the transaction that was to make the table did not
		}
		return err
	}
	which := fmt.Sprintf(" FROM pg_catalog.pg_stat_activity WHERE pid = %d AND backend_start = %s", old.pid, literal(old.since))
	for {
		rows, err := c.query(ctx, "SELECT pg_catalog.pg_terminate_backend(pid)"+which)
		if err != nil || len(rows) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(doubtPoll):
		}
	}
}

// arrived says whether the database stands where a step leads, by an entry that
// is the step's.
func (s *session) arrived(ctx context.Context, w backend.Work) (bool, error) {
	at, err := s.conn.state(ctx)
	if err != nil || at != w.Step.To || !s.backend.writesHistory {
		return err == nil && at == w.Step.To, err
	}
	entries, _, err := s.conn.history(ctx)
	if err != nil || len(entries) == 0 {
		return false, err
	}
	e := entries[len(entries)-1]
	return e.Status == migration.Applied && e.To == w.Step.To && e.Name == w.Entry.Name && e.Checksum == w.Entry.Checksum, nil
}
