package postgres

import (
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// The statements of ours that every script of a message needs are most of what
// the server has to do for a small one. They are prepared once for a message, and
// forgotten at its end; where a pooler stands in between, they are not, for a
// message that fails would leave them on a connection that others get.
const (
	repeatedGuard  = "_fastmigrate_guard"
	repeatedLock   = "_fastmigrate_lock"
	repeatedMove   = "_fastmigrate_move"
	repeatedEntry  = "_fastmigrate_entry"
	repeatedUnlock = "_fastmigrate_unlock"
)

// repeats says whether the message prepares what it repeats.
func (m *message) repeats() bool { return m.session.conn.pid != 0 }

// prepare adds what prepares a statement with parameters of these types.
func (m *message) prepare(name, types, statement string) {
	m.batch.ours("PREPARE " + name + types + " AS " + statement)
}

// guard adds what fails unless the database stands where a script begins.
func (m *message) guard(i int) {
	s, from := m.session, m.works[i].Step.From
	if !m.repeats() {
		s.guard(&m.batch, from)
		return
	}
	if i == 0 {
		m.prepare(repeatedUnlock, "", forgetLocks)
		m.prepare(repeatedGuard, "(pg_catalog.int8)", versionBook{}.expecting(s.conn, "$1"))
	}
	m.batch.ours(fmt.Sprintf("EXECUTE %s(%s)", repeatedGuard, from))
}

// record adds what belongs into the transaction of a script that is done.
func (m *message) record(i int) {
	s, w := m.session, m.works[i]
	e := w.Entry
	e.Status = migration.Applied
	if !m.repeats() {
		s.moves(&m.batch, w.Step)
		m.createHistory(i)
		m.batch.asking(s.conn.insertNext(s.conn.table().Args(e), i > 0), &m.ended[i])
		return
	}
	s.limit(&m.batch)
	m.batch.ours("SET LOCAL search_path TO pg_catalog")
	m.createHistory(i)
	args := s.conn.table().Args(e)
	own := []int{1, 2, 3, 8} // from_state, to_state, name, checksum: what no two scripts share
	values := make([]string, len(own))
	for n, column := range own {
		values[n] = value(args[column])
		args[column] = expression(fmt.Sprintf("$%d", n+1))
	}
	if i == 0 {
		m.prepare(repeatedLock, "", s.lock.standing(true))
		m.prepare(repeatedMove, "(pg_catalog.int8, pg_catalog.int8)", versionBook{}.moving(s.conn, "$1", "$2"))
		m.prepare(repeatedEntry, "(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text)", s.conn.insertNext(args, true))
	}
	m.batch.ours("EXECUTE " + repeatedLock)
	m.batch.ours(fmt.Sprintf("EXECUTE %s(%s, %s)", repeatedMove, w.Step.From, w.Step.To))
	if i == 0 {
		m.batch.asking(s.conn.insertNext(s.conn.table().Args(e), false), &m.ended[i])
		return
	}
	m.batch.asking(fmt.Sprintf("EXECUTE %s(%s)", repeatedEntry, strings.Join(values, ", ")), &m.ended[i])
}

// createHistory makes the history table, with the first entry of a message.
func (m *message) createHistory(i int) {
	if i == 0 {
		m.session.createHistory(&m.batch)
	}
}

// forget adds what undoes whatever a script did to the connection. What the
// message has prepared is forgotten last.
func (m *message) forget() {
	for _, statement := range m.session.forget() {
		switch {
		case !m.repeats():
			m.batch.ours(statement)
		case statement == forgetLocks:
			m.batch.ours("EXECUTE " + repeatedUnlock)
		case statement != forgetPrepared:
			m.batch.ours(statement)
		}
	}
}
