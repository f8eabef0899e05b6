package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// groupTime is how long a transaction of several scripts may grow before what
// is done is committed: others wait for it.
const groupTime = 2 * time.Second

// Groups says that scripts can share a transaction.
func (b *Backend) Groups() bool { return true }

// ApplyGroup applies scripts that are wrapped in transactions of ours, several
// in one.
func (s *session) ApplyGroup(ctx context.Context, works []backend.Work) ([]backend.Result, error) {
	if err := s.ready(ctx); err != nil {
		return nil, place(works[0].Step.File(), "apply", err)
	}
	var durable []backend.Result
	for len(durable) < len(works) {
		results, err := s.shared(ctx, works[len(durable):])
		durable = append(durable, results...)
		if err != nil {
			return durable, err
		}
	}
	return durable, nil
}

// shared applies as many of the works as it finds reasonable in one
// transaction, at least one, and returns a result for each that is durable.
func (s *session) shared(ctx context.Context, works []backend.Work) ([]backend.Result, error) {
	file := works[0].Step.File()
	if err := s.conn.begin(ctx); err != nil {
		return nil, place(file, "apply", err)
	}
	if err := s.conn.expect(ctx, works[0].Step.From); err != nil {
		return nil, errors.Join(err, s.conn.rollback())
	}
	var results []backend.Result
	for began := time.Now(); len(results) < len(works) && (len(results) == 0 || time.Since(began) < groupTime); {
		result, err := s.member(ctx, works[len(results)], len(results) > 0)
		if err != nil {
			return s.without(ctx, works[:len(results)], results, err)
		}
		results = append(results, result)
	}
	err := s.finish(ctx, works[:len(results)], results)
	switch {
	case err == nil:
		return results, nil
	case len(results) == 1 || ctx.Err() != nil:
		return nil, place(file, "commit", err)
	}
	// Together they were too much, for the disk perhaps. Those that can be
	// committed one by one are.
	return s.oneByOne(ctx, works[:len(results)])
}

// member runs one script and its record inside the open transaction: in a
// savepoint, unless there is nothing before it to be saved.
func (s *session) member(ctx context.Context, w backend.Work, saved bool) (backend.Result, error) {
	began := time.Now()
	w.Entry.StartedAt = now()
	brief := context.WithoutCancel(ctx) // nothing of ours takes long
	if saved {
		if err := s.conn.exec(brief, "SAVEPOINT "+savepoint); err != nil {
			return backend.Result{}, place(w.Step.File(), "apply", err)
		}
	}
	result, err := s.wrapped(ctx, w)
	if err != nil {
		return result, err
	}
	result.Duration = time.Since(began)
	w.Entry.Status, w.Entry.FinishedAt, w.Entry.Duration = migration.Applied, now(), result.Duration
	w.Entry.SegmentsDone = 1
	_, err = s.conn.insert(brief, w.Entry)
	if err == nil {
		err = s.conn.setVersion(brief, w.Step.To)
	}
	if err == nil && saved {
		err = s.conn.exec(brief, "RELEASE "+savepoint)
	}
	if err != nil {
		return result, place(w.Step.File(), "record", err)
	}
	return result, nil
}

// wrapped runs all statements of a script inside the open transaction.
func (s *session) wrapped(ctx context.Context, w backend.Work) (backend.Result, error) {
	e, err := s.execute(w)
	if err != nil {
		return backend.Result{}, err
	}
	defer e.Close()
	for {
		st, n, m, ok, err := e.next()
		if err != nil {
			return backend.Result{}, err
		}
		if !ok {
			break
		}
		if m.run != runHere {
			return backend.Result{}, e.same("", w.Step.Traits.Checksum)
		}
		if err := e.statement(ctx, st, n); err != nil {
			return backend.Result{}, err
		}
	}
	if err := e.same(e.sum(), w.Step.Traits.Checksum); err != nil {
		return backend.Result{}, err
	}
	result := backend.Result{Statements: e.count}
	if s.options.Strict {
		result.Findings, err = s.keys.check(ctx, s.conn, w.Step.Traits, true)
	}
	if err != nil {
		return result, place(w.Step.File(), "check", err)
	}
	return result, nil
}

// finish commits the transaction, after looking at the foreign keys of all that
// its scripts touched. What is found is told with the last script that named
// the table.
func (s *session) finish(ctx context.Context, works []backend.Work, results []backend.Result) error {
	if !s.options.Strict && ctx.Err() == nil {
		for i, findings := range s.keys.attribute(ctx, s.conn, works) {
			results[i].Findings = append(results[i].Findings, findings...)
		}
	}
	err := s.conn.commit(ctx, "COMMIT")
	if err != nil {
		return errors.Join(err, s.conn.rollback())
	}
	return nil
}

// without ends a transaction in which the work after the given ones failed:
// those are committed, the failing one leaves nothing.
func (s *session) without(ctx context.Context, works []backend.Work, results []backend.Result, failure error) ([]backend.Result, error) {
	if len(works) == 0 {
		return nil, errors.Join(failure, s.conn.rollback())
	}
	if s.conn.toSavepoint() {
		if s.finish(ctx, works, results) == nil {
			return results, failure
		}
	} else if err := s.conn.rollback(); err != nil {
		return nil, errors.Join(failure, err)
	}
	// The engine has rolled the whole transaction back by itself: an interrupt,
	// a full disk, OR ROLLBACK or RAISE(ROLLBACK) does that. What came before is
	// run again, unless we were told to stop.
	if ctx.Err() != nil {
		return nil, failure
	}
	results, err := s.ApplyGroup(ctx, works)
	if err != nil {
		return results, err // it comes before the failure
	}
	return results, failure
}

// oneByOne applies each work in a transaction of its own.
func (s *session) oneByOne(ctx context.Context, works []backend.Work) ([]backend.Result, error) {
	var durable []backend.Result
	for i := range works {
		results, err := s.shared(ctx, works[i:i+1])
		durable = append(durable, results...)
		if err != nil {
			return durable, err
		}
	}
	return durable, nil
}
