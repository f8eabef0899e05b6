package postgres

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
	*pipe
	work   backend.Work
	traits migration.Traits
	done   int                // commits that are durable
	prefix migration.Checksum // of the text up to the last of them
	entry  migration.Entry    // the history's row; without an id until the first commit
	id     string             // of the row, as the server gave it
	began  time.Time

	adrift   bool // the connection broke during a statement outside of a transaction
	unsure   bool // an earlier run began the next statement outside of a transaction, and was killed
	recorded bool // the version is written
	roles    bool // the script has changed who it is
	result   backend.Result
}

// segments executes a script segment by segment.
func (s *session) segments(ctx context.Context, w backend.Work) (backend.Result, error) {
	run := &segmented{
		pipe: &pipe{session: s, ctx: ctx}, work: w, traits: w.Step.Traits, began: time.Now(), entry: w.Entry,
	}
	run.entry.StartedAt = now()
	r, err := s.script(w)
	if err != nil {
		return run.result, err
	}
	defer r.Close()
	run.open(r, w)
	s.used = true
	if err := run.resume(); err != nil {
		return run.result, err
	}
	err = run.all()
	if err != nil {
		_ = s.conn.rollback()
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
		st, n, m, ok, err := r.reader.next()
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
	open, err := r.reader.End()
	if err != nil {
		return err
	}
	if open {
		if err := r.close(r.reader.Checksum(), "COMMIT"); err != nil {
			return err
		}
	}
	if err := r.flush(); err != nil {
		return err
	}
	if err := same(r.file, r.reader.Checksum(), r.traits.Checksum); err != nil {
		return err
	}
	if r.recorded {
		return nil
	}
	// Nothing in the script was worth a commit: the version needs one.
	r.begin()
	r.guard()
	return r.close(r.reader.Checksum(), "COMMIT")
}

// step does what the segmenter says about one statement.
func (r *segmented) step(st *sqlscan.Statement, n nature, m segment.Move) error {
	if m.CloseBefore {
		if err := r.close(r.reader.ChecksumBefore(), "COMMIT"); err != nil {
			return err
		}
	}
	if r.skipping() {
		return r.replay(st, n, m)
	}
	if n.session {
		r.roles = r.roles || leading(st.Text).have("ROLE", "AUTHORIZATION")
	}
	switch {
	case m.Run == segment.Bare && n.effect:
		return r.outside(st, n)
	case m.Run == segment.Bare:
		if err := r.statement(st, n); err != nil {
			return err
		}
		return r.flush()
	case m.Run == segment.Begin:
		r.session.ensured = false
		r.count++
		r.batch.script(st)
		r.session.limit(&r.batch)
		return nil
	case m.Run == segment.Commit:
		r.count++
		return r.close(r.reader.Checksum(), string(st.Text))
	case m.OpenBefore:
		r.begin()
		if !n.isolates && !r.recorded {
			r.guard()
		}
	}
	if !m.CloseAfter {
		return r.statement(st, n)
	}
	return r.single(st, n)
}

// single runs a statement in a transaction of its own; or outside of any, where
// it turns out that it must.
func (r *segmented) single(st *sqlscan.Statement, n nature) error {
	err := r.statement(st, n)
	if err == nil && !n.copies {
		err = r.flush()
	}
	if code := codeOf(err); code == codeNoTransactionAllowed || code == codeCommitInRoutine {
		if err := r.session.conn.rollback(); err != nil {
			return err
		}
		r.count--
		return r.outside(st, n)
	}
	if err != nil {
		return err
	}
	return r.close(r.reader.Checksum(), "COMMIT")
}

func (r *segmented) begin() { r.session.begin(&r.batch) }

// guard adds what fails unless the database stands where it should. A script
// that is somebody else may not see that; its record finds it out.
func (r *segmented) guard() {
	if r.roles {
		return
	}
	r.session.guard(&r.batch, r.work.Step.From)
	r.batch.ours(r.session.lock.standing(false))
}

// close commits a segment together with what is to be known of it: the
// progress, and with the last segment that counts the version.
func (r *segmented) close(prefix migration.Checksum, statement string) error {
	if r.skipping() {
		r.done++
		return nil
	}
	last := !r.recorded && r.done+1 >= r.traits.Segments
	if last && r.done+1 == r.traits.Segments {
		if err := same(r.file, prefix, r.traits.RecordedPrefix); err != nil {
			return err
		}
	}
	if !r.recorded {
		r.save(prefix, last)
	}
	r.batch.ours(statement)
	done, conn := r.done+1, r.session.conn
	err := r.commit(func(ctx context.Context) (bool, error) {
		if last {
			return r.session.arrived(ctx, r.work)
		}
		e, err := r.session.entryOf(ctx, r.work)
		return e.SegmentsDone >= done, err
	})
	if err != nil {
		return err
	}
	r.prefix = prefix
	r.committed(last)
	if r.session.conn != conn && !last {
		// What the script set on its connection is gone; a new run says it again.
		return place(r.file, "apply", errors.New("the connection broke behind a COMMIT, which took effect; run again to go on from there"))
	}
	return nil
}

// committed notes that a segment is durable.
func (r *segmented) committed(last bool) {
	r.done++
	r.recorded = r.recorded || last
	r.session.committed()
	r.session.hasHistory = true
	if r.entry.ID == 0 {
		r.entry.ID = number([]byte(r.id))
	}
	r.unsure = false
}

// skipping says that the segment at hand was committed by an earlier run.
func (r *segmented) skipping() bool { return r.done < r.work.Resume }

// replay passes a statement of a segment over that is done already, unless it
// sets the connection up for what follows.
func (r *segmented) replay(st *sqlscan.Statement, n nature, m segment.Move) error {
	if data := r.reader.Data(); data != nil {
		if err := r.skip(data); err != nil {
			return err
		}
	}
	if n.session && !n.temporary {
		r.roles = r.roles || leading(st.Text).have("ROLE", "AUTHORIZATION")
		if err := r.statement(st, n); err != nil {
			return err
		}
		if err := r.flush(); err != nil {
			return err
		}
	}
	if m.Run == segment.Commit || m.CloseAfter || m.Run == segment.Bare && n.effect {
		r.done++
	}
	return nil
}
