package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// The pause before a transaction is tried again doubles from the first to the
// last of these.
const (
	retryPause    = 200 * time.Millisecond
	retryPauseMax = 10 * time.Second
)

// Apply runs one script and records it.
func (s *session) Apply(ctx context.Context, w backend.Work) (result backend.Result, err error) {
	if err := s.begins(ctx, w.Step.From, w.Step.To); err != nil {
		return result, place(w.Step.File(), "apply", err)
	}
	// What was begun in segments is gone on with in segments, or refused.
	if !whole(w) {
		if s.conn.enclosed() {
			return result, apart(w, "leave the transaction to us")
		}
		result, err = s.segments(ctx, w)
		// What is applied is applied; if this fails, so does what comes next.
		_ = s.ready(ctx)
		return result, err
	}
	results, err := s.together(ctx, []backend.Work{w})
	if len(results) > 0 {
		result = results[0]
	}
	return result, err
}

// ApplyGroup applies scripts in order: with [backend.SessionOptions] Atomic all
// in one transaction, or else each in its own, several of them in one message.
func (s *session) ApplyGroup(ctx context.Context, works []backend.Work) (results []backend.Result, err error) {
	if !s.options.Atomic {
		return s.series(ctx, works)
	}
	for _, w := range works {
		if !whole(w) {
			return nil, apart(w, "run without --atomic")
		}
	}
	if err := s.begins(ctx, works[0].Step.From, works[len(works)-1].Step.To); err != nil {
		return nil, place(works[0].Step.File(), "apply", err)
	}
	return s.together(ctx, works)
}

// whole says whether a work fits into one transaction with its record.
func whole(w backend.Work) bool {
	return (w.Step.Traits.Wrapped || w.Step.Body().Kind() == migration.KindGo) && w.Resume == 0
}

func apart(w backend.Work, hint string) error {
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: w.Step.File()},
		Err: fmt.Errorf("%w: it cannot be part of one transaction with others", migration.ErrUnsupported), Hint: hint,
	}
}

// together applies scripts in one transaction. It is tried again where another
// program was in the way: nothing of it was kept.
func (s *session) together(ctx context.Context, works []backend.Work) ([]backend.Result, error) {
	var tries patience
	for {
		results, err := s.once(ctx, works)
		if err == nil {
			s.committed()
			return results, nil
		}
		s.used = true
		if err := s.again(ctx, &tries, works[0], err); err != nil {
			return nil, err
		}
	}
}

// patience is how often a transaction was tried again, and how long the last
// pause before that was.
type patience struct {
	tries int
	pause time.Duration
}

// again waits before what failed is tried again, and returns nil then: where
// another program was in the way, so that nothing of it was kept. Otherwise it
// returns the error.
func (s *session) again(ctx context.Context, p *patience, w backend.Work, err error) error {
	if !transient(err) || s.conn.enclosed() || p.tries >= s.backend.options.Retries || ctx.Err() != nil {
		return err
	}
	p.tries++
	p.pause = min(max(2*p.pause, retryPause), retryPauseMax)
	if s.options.Progress != nil {
		s.options.Progress(backend.Progress{
			File: w.Step.File(), Total: w.Step.Traits.Bytes,
			Activity: fmt.Sprintf("another program was in the way (SQLSTATE %s); trying again, %d of %d", codeOf(err), p.tries, s.backend.options.Retries),
		})
	}
	select {
	case <-ctx.Done():
		return err
	case <-time.After(p.pause/2 + rand.N(p.pause)):
	}
	return place(w.Step.File(), "apply", s.ready(ctx))
}

// once tries to apply scripts in one transaction.
func (s *session) once(ctx context.Context, works []backend.Work) (results []backend.Result, err error) {
	p := &pipe{session: s, ctx: ctx}
	defer func() {
		if err != nil {
			_ = s.conn.rollback()
		}
	}()
	s.used = s.used || s.conn.loan != nil
	s.begin(&p.batch)
	began := time.Now()
	for i, w := range works {
		start := time.Now()
		count, err := s.member(p, w, len(works) > 1)
		if err != nil {
			return nil, err
		}
		if i < len(works)-1 || s.conn.enclosed() {
			if err := p.flush(); err != nil {
				return nil, err
			}
			if err := s.between(p, w, i < len(works)-1); err != nil {
				return nil, place(p.file, "record", err)
			}
		}
		results = append(results, backend.Result{Duration: time.Since(start), Statements: count})
	}
	p.batch.ours(s.conn.closing())
	if err := p.commit(func(ctx context.Context) (bool, error) { return s.arrived(ctx, works[len(works)-1]) }); err != nil {
		return nil, err
	}
	if len(works) == 1 {
		results[0].Duration = time.Since(began)
	}
	return results, nil
}

// member adds one script and its record to the transaction at hand, and returns
// how many statements it has.
func (s *session) member(p *pipe, w backend.Work, timed bool) (int, error) {
	e := w.Entry
	e.Status = migration.Applied
	if timed {
		e.StartedAt = now()
	}
	if code, ok := w.Step.Body().(*migration.Go); ok {
		p.open(nil, w)
		if err := s.function(p, code); err != nil {
			return 0, err
		}
	} else if err := s.statements(p, w, func() { s.guard(&p.batch, w.Step.From) }); err != nil {
		return 0, err
	}
	if timed {
		if err := p.flush(); err != nil {
			return 0, err
		}
		e.FinishedAt, e.Duration = now(), time.Since(e.StartedAt)
	}
	for _, statement := range s.forget() {
		p.batch.ours(statement)
	}
	s.record(&p.batch, e, w.Step)
	if timed && s.conn.loan == nil {
		s.limit(&p.batch)
		p.batch.ours("SET LOCAL search_path TO DEFAULT") // as the next script expects it
	}
	return p.count, nil
}

// statements adds the statements of a script to the transaction at hand, and
// before the first of them what guard adds.
func (s *session) statements(p *pipe, w backend.Work, guard func()) error {
	r, err := s.script(w)
	if err != nil {
		return err
	}
	defer r.Close()
	p.open(r, w)
	guarded := false
	for {
		st, n, _, ok, err := r.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if !guarded && !n.isolates {
			guard()
			guarded = true
		}
		if err := p.statement(st, n); err != nil {
			return err
		}
	}
	if _, err := r.End(); err != nil {
		return err
	}
	return same(p.file, r.Checksum(), w.Step.Traits.Checksum)
}

// script opens a step's script.
func (s *session) script(w backend.Work) (*scriptReader, error) {
	body, ok := w.Step.Body().(*migration.SQL)
	if !ok {
		return nil, fmt.Errorf("%w: a body of kind %s", migration.ErrUnsupported, w.Step.Body().Kind())
	}
	return s.backend.open(body)
}

// same fails where the text that was executed is not the text that was
// inspected.
func same(file string, sum, want migration.Checksum) error {
	if sum == want {
		return nil
	}
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: file},
		Err:  fmt.Errorf("%w: it is not the text that was planned", migration.ErrChanged),
		Hint: "run again, with the file left alone",
	}
}
