package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// A series are several light scripts that are sent in one message, each of them
// still in a transaction of its own, with its record: BEGIN, script, record,
// COMMIT, BEGIN … The server stops working through a message at the first error,
// so that those before a script which fails are there, and nothing behind it is
// run. All commits but the last are told not to wait for the disk: the last one
// waits for everything before it. Nothing is said to be applied before.

// What a series holds at most: scripts, and bytes of one script. All of them
// with their records have the size of a batch.
const (
	maxSeries  = 100
	maxMember  = 32 << 10
	recordSize = 2 << 10 // what stands around a script, about
)

// seriesSince is the release from which on statement_timeout is that of each
// statement of a message, and not of the message.
const seriesSince = 13

// Joins says whether a work may be sent in one message with those before it.
func (s *session) Joins(before []backend.Work, next backend.Work) bool {
	if len(before) >= maxSeries || !s.serial() || !lightweight(next) || len(before) == 1 && !lightweight(before[0]) {
		return false
	}
	size := next.Step.Traits.Bytes + recordSize
	for _, w := range before {
		size += w.Step.Traits.Bytes + recordSize
	}
	return size <= maxBatch
}

// joined returns how many of the works, from the first, join one another.
func (s *session) joined(works []backend.Work) int {
	n := 1
	for n < len(works) && s.Joins(works[:n], works[n]) {
		n++
	}
	return n
}

// serial says whether there are series at all: on connections of our own, for
// the version of numbered files.
func (s *session) serial() bool {
	return !s.options.Atomic && s.server >= seriesSince && s.backend.isFiles()
}

// release returns the server's major version, or 0 where the connection is not
// ours.
func (c *connection) release() int {
	if c.loan != nil {
		return 0
	}
	text := c.ParameterStatus("server_version") // such as 16.2 (Debian …), 18beta1
	digits := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(text)
	}
	n, _ := strconv.Atoi(text[:digits])
	return n
}

func lightweight(w backend.Work) bool {
	return w.Step.Body().Kind() == migration.KindSQL && w.Step.Traits.Light && whole(w) && !w.Retry && !w.Trusted
}

// series applies scripts in order, those that join one another in one message.
// All results that it returns are durable.
func (s *session) series(ctx context.Context, works []backend.Work) (results []backend.Result, err error) {
	var tries patience
	durable := 0
	for err == nil && len(results) < len(works) {
		rest := works[len(results):]
		n := s.joined(rest)
		if n == 1 {
			var result backend.Result
			if result, err = s.Apply(ctx, rest[0]); err == nil {
				results = append(results, result)
				durable = len(results)
			}
			continue
		}
		var more []backend.Result
		more, err = s.message(ctx, rest[:n])
		results = append(results, more...)
		if err == nil {
			durable = len(results)
			continue
		}
		if len(more) > 0 {
			tries = patience{}
		}
		err = s.again(ctx, &tries, works[len(results)], err)
	}
	if durable < len(results) {
		if err := s.settle(ctx); err != nil {
			return results[:durable], place(works[durable].Step.File(), "apply", err)
		}
	}
	return results, err
}

// message applies scripts in one message, and returns a result for each that is
// committed; without an error all of them are durable.
func (s *session) message(ctx context.Context, works []backend.Work) ([]backend.Result, error) {
	if err := s.begins(ctx, works[0].Step.From, works[len(works)-1].Step.To); err != nil {
		return nil, place(works[0].Step.File(), "apply", err)
	}
	m := &message{pipe: pipe{session: s, ctx: ctx, gathers: true}, works: works}
	if n, err := m.gather(); err != nil {
		return s.upTo(ctx, works[:n], err)
	}
	stop := s.observeSeries(m)
	done, err := s.conn.sent(ctx, &m.batch)
	stop()
	if err == nil {
		s.committed()
		return m.results(len(works)), nil
	}
	s.used = true
	if !s.conn.IsClosed() {
		if done == 0 && ctx.Err() == nil && codeOf(err) != codeCancelled {
			return s.unread(ctx, works, err)
		}
		return m.failed(m.committed(done), err)
	}
	n := 0
	_, unknown := s.resolve(ctx, func(ctx context.Context) (_ bool, err error) {
		n, err = s.reached(ctx, works)
		return n > 0, err
	})
	switch {
	case unknown != nil:
		return nil, unsure(works[0].Step.File(), unknown)
	case n == len(works):
		s.committed()
		return m.results(n), nil
	}
	return m.failed(n, err)
}

// upTo applies the scripts before one that fails with err before it is sent.
func (s *session) upTo(ctx context.Context, before []backend.Work, err error) ([]backend.Result, error) {
	if len(before) == 0 || ctx.Err() != nil {
		return nil, err
	}
	results, earlier := s.message(ctx, before)
	if earlier != nil {
		err = earlier
	}
	return results, err
}

// unread goes on where the server could not read a message, of which it has run
// nothing then: those before the script with the mistake are sent without it,
// and that one alone; or the first alone, where the mistake has no place.
func (s *session) unread(ctx context.Context, works []backend.Work, err error) (results []backend.Result, _ error) {
	at := 0
	var f *failure
	if errors.As(err, &f) && f.offset >= 0 {
		at = f.item.member
	}
	if at > 0 {
		if results, err = s.message(ctx, works[:at]); err != nil {
			return results, err
		}
	}
	result, err := s.Apply(ctx, works[at])
	if err == nil {
		results = append(results, result)
	}
	return results, err
}

// reached returns how many of the scripts are committed, after the connection
// broke.
func (s *session) reached(ctx context.Context, works []backend.Work) (int, error) {
	at, err := s.conn.state(ctx)
	if err != nil {
		return 0, err
	}
	for i, w := range works {
		if w.Step.To == at {
			there, err := s.arrived(ctx, w)
			if !there {
				return 0, err
			}
			return i + 1, nil
		}
	}
	return 0, nil
}

// settle makes durable what was committed without waiting for the disk. A lock
// on the version's row is written to the log, and its commit waits until the log
// is on the disk up to there.
func (s *session) settle(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	err := s.ready(ctx)
	if err == nil {
		err = s.conn.exec(ctx, "BEGIN; "+s.backend.book.wait(s.conn)+"; COMMIT")
	}
	if err == nil {
		return nil
	}
	return &migration.Error{
		Op:   "apply",
		Err:  fmt.Errorf("it is committed, and it is not known whether it is on the disk: %w", err),
		Hint: "fastmigrate status tells once the server answers; then run again",
	}
}
