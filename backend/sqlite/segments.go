package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// segmented is a script that is executed segment by segment: it manages its own
// transactions, or holds statements that must stand outside of any. What is
// done is recorded inside each commit, so that a later run goes on from there.
type segmented struct {
	*execution
	ctx   context.Context
	work  backend.Work
	conn  *connection
	done  int             // commits that are durable
	entry migration.Entry // the history's row; without an id until the first commit
	began time.Time

	recorded bool // the version is written
	result   backend.Result
}

// Apply runs one script and records it.
func (s *session) Apply(ctx context.Context, w backend.Work) (result backend.Result, err error) {
	if err := s.ready(ctx); err != nil {
		return result, place(w.Step.File(), "apply", err)
	}
	// What was begun in segments is gone on with in segments, or refused.
	if w.Step.Traits.Wrapped && w.Resume == 0 {
		var results []backend.Result
		if results, err = s.shared(ctx, []backend.Work{w}); len(results) > 0 {
			result = results[0]
		}
	} else {
		result, err = s.segments(ctx, w)
	}
	s.used = w.Step.Traits.SessionState || w.Step.Traits.Outside
	// What is applied is applied; if this fails, so does what comes next.
	_ = s.ready(ctx)
	return result, err
}

// segments executes a script segment by segment.
func (s *session) segments(ctx context.Context, w backend.Work) (backend.Result, error) {
	run := &segmented{ctx: ctx, work: w, conn: s.conn, began: time.Now(), entry: w.Entry}
	run.entry.StartedAt = now()
	if w.Resume > 0 {
		if err := run.resume(); err != nil {
			return run.result, err
		}
	}
	var err error
	if run.execution, err = s.execute(w); err != nil {
		return run.result, err
	}
	defer run.Close()
	err = run.all()
	if err != nil {
		err = errors.Join(err, run.conn.rollback())
	}
	run.result.Statements = run.count
	run.result.Duration = time.Since(run.began)
	switch {
	case err == nil:
		return run.result, nil
	case run.recorded:
		run.trailing(err)
		return run.result, nil
	case run.entry.ID != 0:
		return run.result, run.stopped(err)
	}
	return run.result, err
}

// all runs the statements of the script.
func (r *segmented) all() error {
	for {
		st, n, m, ok, err := r.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := r.step(st, n, m); err != nil {
			return err
		}
	}
	open, err := r.End()
	if err != nil {
		return err
	}
	if open {
		if err := r.close(r.Checksum(), "COMMIT"); err != nil {
			return err
		}
	}
	if err := r.same(r.Checksum(), r.traits.Checksum); err != nil {
		return err
	}
	if r.recorded {
		return nil
	}
	// Nothing in the script was worth a commit: the version needs one.
	return r.conn.write(r.ctx, func() error {
		if err := r.conn.expect(r.ctx, r.work.Step.From); err != nil {
			return err
		}
		return r.record(r.Checksum())
	})
}

// step does what the segmenter says about one statement.
func (r *segmented) step(st *sqlscan.Statement, n nature, m segment.Move) error {
	if m.CloseBefore {
		if err := r.close(r.ChecksumBefore(), "COMMIT"); err != nil {
			return err
		}
	}
	if r.skipping() {
		return r.replay(st, n, m)
	}
	switch {
	case m.OpenBefore:
		if err := r.open("BEGIN IMMEDIATE"); err != nil {
			return r.at(st, err)
		}
	case m.Run == segment.Begin:
		return r.at(st, r.open(begun(n)))
	case m.Run == segment.Commit:
		r.count++
		return r.at(st, r.close(r.Checksum(), string(st.Text)))
	}
	if err := r.statement(r.ctx, st, n); err != nil {
		return err
	}
	if m.CloseAfter {
		return r.at(st, r.close(r.Checksum(), "COMMIT"))
	}
	return nil
}

// at says that an error of ours came up at a statement, unless it has a place.
func (r *segmented) at(st *sqlscan.Statement, err error) error {
	var placed *migration.Error
	if err == nil || errors.As(err, &placed) && placed.Origin.File != "" {
		return err
	}
	return r.conn.placed(r.File, st, err)
}

// open opens a transaction. Until the version is recorded, the database must
// stand where the step starts from.
func (r *segmented) open(statement string) error {
	if err := r.conn.exec(r.ctx, statement); err != nil {
		return err
	}
	if r.recorded {
		return nil
	}
	if err := r.conn.ensure(r.ctx); err != nil {
		return err
	}
	return r.conn.expect(r.ctx, r.work.Step.From)
}

// begun returns the statement that opens the script's own transaction, taking
// the lock for writing at once: a transaction that starts by reading may find
// itself unable to write later.
func begun(n nature) string {
	if n.exclusive {
		return "BEGIN EXCLUSIVE"
	}
	return "BEGIN IMMEDIATE"
}

// close commits a segment together with what is to be known of it: the
// progress, and with the last segment that counts the version.
func (r *segmented) close(prefix migration.Checksum, statement string) error {
	if r.skipping() {
		r.done++
		return nil
	}
	if !r.recorded && r.done+1 >= r.traits.Segments {
		if r.done+1 == r.traits.Segments {
			if err := r.same(prefix, r.traits.RecordedPrefix); err != nil {
				return err
			}
		}
		if err := r.record(prefix); err != nil {
			return err
		}
		return r.commit(statement, true)
	}
	if !r.recorded {
		if err := r.progress(prefix); err != nil {
			return err
		}
	}
	return r.commit(statement, false)
}

func (r *segmented) commit(statement string, last bool) error {
	if err := r.conn.commit(r.ctx, statement); err != nil {
		return err
	}
	r.done++
	r.recorded = r.recorded || last
	return nil
}
