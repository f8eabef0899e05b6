package postgres

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// begin opens a transaction of ours. Its statements wait for other programs'
// locks only as long as the options say: whoever queues for an exclusive lock
// makes all others queue behind.
func (s *session) begin(b *batch) {
	level := "READ COMMITTED"
	if s.backend.book.kind() == migration.Revisions {
		level = "SERIALIZABLE" // as the Python tool has it
	}
	s.ensured = false
	b.ours(s.conn.opening(level))
	s.limit(b)
}

func (s *session) limit(b *batch) {
	if t := s.backend.options.LockTimeout; t > 0 {
		b.ours(fmt.Sprintf("SET LOCAL lock_timeout = %d", max(t.Milliseconds(), 1)))
	}
}

// ourselves makes the rest of a transaction be run by who connected, and read
// names as we mean them. Afterwards a script finds its own settings again.
func (s *session) ourselves(b *batch) {
	if s.conn.loan != nil {
		b.ours(s.conn.given.ourselves())
		b.ours("SET LOCAL search_path TO pg_catalog")
		return
	}
	b.ours("SET LOCAL session_authorization TO DEFAULT")
	b.ours("SET LOCAL role TO DEFAULT")
	b.ours("SET LOCAL search_path TO pg_catalog")
}

// forgets undo, inside the transaction of a script, whatever the script did to
// the connection, so that behind a pooler too nothing of it is met by anybody.
// It is what DISCARD ALL does, which cannot stand in a transaction.
var forgets = []string{
	"SET CONSTRAINTS ALL IMMEDIATE",
	"RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL",
	"CLOSE ALL", "UNLISTEN *", forgetPrepared, "DISCARD TEMP", "DISCARD SEQUENCES",
	forgetLocks,
}

const (
	forgetPrepared = "DEALLOCATE ALL"
	forgetLocks    = "SELECT pg_catalog.pg_advisory_unlock_all()"
)

// forget returns what a script's transaction ends with. A caller's connection has
// things that are not to be forgotten: it is restored instead.
func (s *session) forget() []string {
	switch {
	case s.conn.enclosed():
		return nil // constraints that the caller put off are his own business
	case s.conn.loan != nil:
		return forgets[:1]
	}
	return forgets
}

// between makes a caller's connection what it was, after a step in a transaction
// that goes on.
func (s *session) between(p *pipe, w backend.Work, followed bool) error {
	if s.conn.loan == nil {
		return nil
	}
	leaves := w.Step.Traits.SessionState || w.Step.Body().Kind() == migration.KindGo
	if err := s.conn.restoreWithin(context.WithoutCancel(p.ctx), leaves); err != nil {
		return err
	}
	if followed {
		s.limit(&p.batch)
	}
	return nil
}

// record adds what belongs into the transaction of a script that is done: its
// entry and its version.
func (s *session) record(b *batch, e migration.Entry, step migration.Step) {
	s.moves(b, step)
	s.enter(b, e)
}

// moves adds what moves the version, as long as the lock is ours.
func (s *session) moves(b *batch, step migration.Step) {
	s.limit(b)
	if s.conn.loan != nil {
		s.ourselves(b)
	} else {
		b.ours("SET LOCAL search_path TO pg_catalog")
	}
	b.ours(s.lock.standing(true))
	s.ensure(b) // where the script was empty
	b.ours(s.backend.book.move(s.conn, step))
}
