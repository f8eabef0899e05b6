package postgres

import (
	"fmt"
	"strconv"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// message is one message with several scripts in it, see [session.series].
type message struct {
	pipe
	works  []backend.Work
	ends   []int    // for each script, which statement commits it
	counts []int    // statements of each script
	ended  []string // when each was recorded, in seconds since the message came
}

// gather puts the message together. Where a script can't be read it returns
// which that is.
func (m *message) gather() (int, error) {
	s := m.session
	m.ended = make([]string, len(m.works))
	for i, w := range m.works {
		m.batch.member = i
		s.begin(&m.batch)
		if err := s.statements(&m.pipe, w, func() { m.guard(i) }); err != nil {
			return i, err
		}
		m.forget()
		m.record(i)
		if i < len(m.works)-1 {
			m.batch.ours("SET LOCAL synchronous_commit TO off") // the last commit waits for all of them
		} else if m.repeats() {
			m.batch.ours(forgetPrepared)
		}
		m.ends = append(m.ends, len(m.batch.items))
		m.batch.ours(s.conn.closing())
		m.counts = append(m.counts, m.count)
	}
	return len(m.works), nil
}

// committed returns how many scripts are committed where so many statements of
// the message were completed.
func (m *message) committed(done int) int {
	n := 0
	for n < len(m.ends) && m.ends[n] < done {
		n++
	}
	return n
}

// results returns the results of the first n scripts. How long one took is the
// time from the record of the one before to its own.
func (m *message) results(n int) []backend.Result {
	results := make([]backend.Result, n)
	last := 0.0
	for i := range results {
		results[i].Statements = m.counts[i]
		if at, err := strconv.ParseFloat(m.ended[i], 64); err == nil {
			results[i].Duration = time.Duration((at - last) * float64(time.Second)).Round(time.Microsecond)
			last = at
		}
	}
	return results
}

// failed returns the results of the n scripts that are committed, and the error
// of the one behind them with its place.
func (m *message) failed(n int, err error) ([]backend.Result, error) {
	if n > 0 {
		m.session.committed()
	}
	m.file, m.from = m.works[n].Step.File(), m.works[n].Step.From
	if f, ok := err.(*failure); ok && f.item.member != n {
		err = f.err
	}
	return m.results(n), m.placed(err)
}

// unsure says that the connection broke and what came of it is not known.
func unsure(file string, why error) error {
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: file},
		Err:  fmt.Errorf("%w, and it is not known whether it was: %w", errBroken, why),
		Hint: "fastmigrate status tells once the server answers; then run again",
	}
}
