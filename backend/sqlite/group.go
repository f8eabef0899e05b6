package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/migration"
)

// groupTime is how long a transaction of several scripts may grow before what
// is done is committed: others wait for it.
const groupTime = 2 * time.Second

// groupCache is how much of the database is kept in memory for transactions of
// several scripts, in KiB: what a thousand small ones change. With the 2,000 that
// are SQLite's own, pages are written before they have changed for the last time;
// in WAL mode all that was written behind such a page is then read and summed
// again.
const groupCache = 8000

// Groups says that scripts can share a transaction.
func (b *Backend) Groups() bool { return true }

// Atomic says that all scripts of a run fit into one transaction.
func (b *Backend) Atomic() bool { return true }

// ApplyGroup applies scripts that are wrapped in transactions of ours, several
// in one; with [backend.SessionOptions] Atomic all in one, or none.
func (s *session) ApplyGroup(ctx context.Context, works []backend.Work) ([]backend.Result, error) {
	if err := s.ready(ctx); err != nil {
		return nil, place(works[0].Step.File(), "apply", err)
	}
	if err := s.widen(ctx); err != nil {
		return nil, place(works[0].Step.File(), "apply", err)
	}
	if s.options.Atomic {
		return s.together(ctx, works)
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

// widen gives a connection that is thrown away in the end the cache of a group.
func (s *session) widen(ctx context.Context) error {
	if s.wide || !s.replaceable() {
		return nil
	}
	s.wide = true
	return s.conn.exec(quick(ctx), fmt.Sprintf("PRAGMA main.cache_size = -%d", groupCache))
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
	var done []backend.Result
	for began := time.Now(); len(done) < len(works) && (len(done) == 0 || time.Since(began) < groupTime); {
		w := &works[len(done)]
		if len(done) > 0 && s.backend.reads(w.Step.Traits) {
			break
		}
		result, err := s.member(ctx, w, len(done) > 0)
		if err != nil {
			return s.without(ctx, works[:len(done)], done, err)
		}
		done = append(done, result)
	}
	err := s.finish(ctx, works[:len(done)], done)
	switch {
	case err == nil:
		return done, nil
	case len(done) == 1 || ctx.Err() != nil:
		return nil, place(file, "record", err)
	}
	// Together they were too much, for the disk perhaps, or one of them harmed
	// our tables. Those that can be committed one by one are.
	return s.oneByOne(ctx, works[:len(done)])
}

// reads says whether a script names the tables that we write to at the end of a
// transaction. Such a script begins one, so that it finds them up to date.
func (b *Backend) reads(t migration.Traits) bool {
	return concerns(t, reference{b.book.table(), b.historyName})
}

// member runs one script inside the open transaction and completes its entry:
// in a savepoint, unless there is nothing before it to be saved.
func (s *session) member(ctx context.Context, w *backend.Work, saved bool) (backend.Result, error) {
	began := time.Now()
	w.Entry.StartedAt = now()
	brief := context.WithoutCancel(ctx) // nothing of ours takes long
	if saved {
		if err := s.conn.exec(brief, "SAVEPOINT "+savepoint); err != nil {
			return backend.Result{}, place(w.Step.File(), "apply", err)
		}
	}
	result, err := s.wrapped(ctx, *w)
	if err == nil && saved {
		err = place(w.Step.File(), "apply", s.conn.exec(brief, "RELEASE "+savepoint))
	}
	if err != nil {
		return result, err
	}
	result.Duration = time.Since(began)
	w.Entry.Status, w.Entry.FinishedAt, w.Entry.Duration = migration.Applied, now(), result.Duration
	w.Entry.SegmentsDone = 1
	return result, nil
}

// wrapped runs all statements of a script, or a function, inside the open
// transaction.
func (s *session) wrapped(ctx context.Context, w backend.Work) (backend.Result, error) {
	if code, ok := w.Step.Body().(*migration.Go); ok {
		return s.function(ctx, code, w)
	}
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
		if m.Run != segment.Here {
			return backend.Result{}, e.same("", w.Step.Traits.Checksum)
		}
		if err := e.statement(ctx, st, n); err != nil {
			return backend.Result{}, err
		}
	}
	if err := e.same(e.Checksum(), w.Step.Traits.Checksum); err != nil {
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

// finish looks at the foreign keys of all that the scripts of a transaction
// touched, records them, and commits. What is found is told with the last script
// that named the table. The records are written together, after the scripts:
// every change of the schema makes SQLite compile them anew.
func (s *session) finish(ctx context.Context, works []backend.Work, results []backend.Result) error {
	if !s.options.Strict && ctx.Err() == nil {
		for i, findings := range s.keys.attribute(ctx, s.conn, works) {
			results[i].Findings = append(results[i].Findings, findings...)
		}
	}
	err := s.record(context.WithoutCancel(ctx), works)
	if err == nil {
		err = s.conn.commit(ctx, "COMMIT")
	}
	if err != nil {
		return errors.Join(err, s.conn.rollback())
	}
	return nil
}

// record writes the entries of the works and the version that they lead to.
func (s *session) record(ctx context.Context, works []backend.Work) error {
	steps := make([]migration.Step, len(works))
	for i, w := range works {
		if err := s.conn.enter(ctx, w.Entry); err != nil {
			return err
		}
		steps[i] = w.Step
	}
	return s.conn.move(ctx, steps...)
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
