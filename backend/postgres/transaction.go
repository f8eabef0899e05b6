package postgres

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// begin opens a transaction of ours. Its statements wait for other programs'
// locks only as long as the options say: whoever queues for an exclusive lock
// makes all others queue behind.
func (s *session) begin(b *batch) {
	b.ours("BEGIN ISOLATION LEVEL READ COMMITTED")
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
	b.ours("SET LOCAL session_authorization TO DEFAULT")
	b.ours("SET LOCAL role TO DEFAULT")
	b.ours("SET LOCAL search_path TO pg_catalog")
}

// forget undoes, inside the transaction of a script, whatever the script did to
// the connection, so that behind a pooler too nothing of it is met by anybody.
// It is what DISCARD ALL does, which cannot stand in a transaction.
var forget = []string{
	"SET CONSTRAINTS ALL IMMEDIATE",
	"RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL",
	"CLOSE ALL", "UNLISTEN *", "DEALLOCATE ALL", "DISCARD TEMP", "DISCARD SEQUENCES",
	"SELECT pg_catalog.pg_advisory_unlock_all()",
}

// record adds what belongs into the transaction of a script that is done: its
// entry and its version.
func (s *session) record(b *batch, e migration.Entry, from, to migration.Version) {
	s.limit(b)
	b.ours("SET LOCAL search_path TO pg_catalog")
	b.ours(s.lock.standing(true))
	b.ours(s.conn.move(from, to))
	s.createHistory(b)
	b.ours(s.conn.insert(e))
}
