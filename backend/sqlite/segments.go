package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
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
func (s *session) Apply(ctx context.Context, w backend.Work) (backend.Result, error) {
	if w.Step.Traits.Wrapped {
		results, err := s.shared(ctx, []backend.Work{w})
		if len(results) == 0 {
			return backend.Result{}, errors.Join(err, s.refresh(ctx, w.Step.Traits))
		}
		return results[0], errors.Join(err, s.refresh(ctx, w.Step.Traits))
	}
	result, err := s.segments(ctx, w)
	return result, errors.Join(err, s.refresh(ctx, w.Step.Traits))
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
	if run.execution, err = s.execute(ctx, w); err != nil {
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
	open, err := r.end()
	if err != nil {
		return err
	}
	if open {
		if err := r.close(r.sum(), "COMMIT"); err != nil {
			return err
		}
	}
	if err := r.same(r.sum(), r.traits.Checksum); err != nil {
		return err
	}
	if r.recorded {
		return nil
	}
	// Nothing in the script was worth a commit: the version needs one.
	return r.conn.write(r.ctx, func() error { return r.record(r.sum()) })
}

// step does what the segmenter says about one statement.
func (r *segmented) step(st *sqlscan.Statement, n nature, m move) error {
	if m.closeBefore {
		if err := r.close(r.sumBefore(), "COMMIT"); err != nil {
			return err
		}
	}
	if r.skipping() {
		return r.replay(st, n, m)
	}
	switch {
	case m.openBefore:
		if err := r.open("BEGIN IMMEDIATE"); err != nil {
			return r.conn.placed(r.file, st, err)
		}
	case m.run == runBegin:
		if err := r.open(begun(n)); err != nil {
			return r.conn.placed(r.file, st, err)
		}
		return nil
	case m.run == runCommit:
		r.count++
		if err := r.close(r.sum(), string(st.Text)); err != nil {
			return r.conn.placed(r.file, st, err)
		}
		return nil
	}
	if err := r.statement(r.ctx, st, n); err != nil {
		return err
	}
	if m.closeAfter {
		return r.close(r.sum(), "COMMIT")
	}
	return nil
}

// skipping says that the segment at hand was committed by an earlier run.
func (r *segmented) skipping() bool { return r.done < r.work.Resume }

// replay passes a statement of a segment over that is done already, unless it
// sets the connection up for what follows.
func (r *segmented) replay(st *sqlscan.Statement, n nature, m move) error {
	if n.session && !n.temporary {
		if err := r.statement(r.ctx, st, n); err != nil {
			return err
		}
	}
	if m.run == runCommit || m.closeAfter {
		r.done++
	}
	return nil
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
	if err := r.conn.exec(r.ctx, r.conn.backend.table.Create()); err != nil {
		return err
	}
	return r.conn.expect(r.ctx, r.work.Step.From)
}

// close commits a segment together with what is to be known of it: the
// progress, and with the last segment that counts the version.
func (r *segmented) close(prefix migration.Checksum, statement string) error {
	if r.skipping() {
		r.done++
		return nil
	}
	if !r.recorded && r.done+1 >= r.traits.Segments {
		if err := r.same(prefix, r.traits.RecordedPrefix); err != nil && r.traits.Segments > 0 {
			return err
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

// progress writes, inside the open transaction, how far the script has come.
func (r *segmented) progress(prefix migration.Checksum) error {
	e := r.entry
	e.Status, e.SegmentsDone, e.PrefixChecksum, e.Error = migration.Begun, r.done+1, prefix, ""
	return r.save(e)
}

// record writes, inside the open transaction, that the step is applied.
func (r *segmented) record(prefix migration.Checksum) error {
	findings, err := r.session.keys.check(r.ctx, r.conn, r.traits, r.session.options.Strict)
	r.result.Findings = append(r.result.Findings, findings...)
	if err != nil {
		return place(r.file, "check", err)
	}
	e := r.entry
	e.Status, e.SegmentsDone, e.PrefixChecksum, e.Error = migration.Applied, r.done+1, prefix, ""
	e.FinishedAt, e.Duration = now(), time.Since(r.began)
	if err := r.save(e); err != nil {
		return place(r.file, "record", err)
	}
	if err := r.conn.setVersion(r.ctx, r.work.Step.To); err != nil {
		return place(r.file, "record", err)
	}
	return nil
}

// save inserts the entry, or writes it over once it has a row.
func (r *segmented) save(e migration.Entry) error {
	if e.ID != 0 {
		return r.conn.update(r.ctx, e)
	}
	id, err := r.conn.insert(r.ctx, e)
	r.entry.ID = id
	return err
}

// stopped says how far a script came that failed between two commits, and
// notes the failure beside the progress.
func (r *segmented) stopped(failure error) error {
	e := r.entry
	e.Status, e.FinishedAt, e.Duration = migration.Failed, now(), time.Since(r.began)
	e.Error = failure.Error()
	entries, err := r.conn.history(context.WithoutCancel(r.ctx))
	if err != nil {
		return errors.Join(failure, err)
	}
	for _, written := range entries {
		if written.ID == e.ID {
			e.SegmentsDone, e.PrefixChecksum = written.SegmentsDone, written.PrefixChecksum
		}
	}
	if e.SegmentsDone == 0 {
		return failure // the row was in the transaction that was rolled back
	}
	ctx := context.WithoutCancel(r.ctx)
	err = r.conn.write(ctx, func() error { return r.conn.update(ctx, e) })
	var failed *migration.Error
	if errors.As(failure, &failed) {
		failed.Hint = fmt.Sprintf("%s are applied; mend the rest of the file and run again, it goes on from there",
			describeSegments(e.SegmentsDone, max(r.traits.Segments, e.SegmentsDone)))
	}
	return errors.Join(failure, err)
}

// trailing tells of a failure behind the record: the migration is applied, and
// what should have followed is not.
func (r *segmented) trailing(failure error) {
	hint := "the migration is applied; run the statements after its last COMMIT by hand"
	r.result.Findings = append(r.result.Findings, migration.Finding{
		Code: migration.CodeTrailing, Message: failure.Error(), Hint: hint,
	})
}

// resume takes up the entry of the earlier run, after checking that the part of
// the text which it has applied is still the same.
func (r *segmented) resume() error {
	entries, err := r.conn.history(r.ctx)
	if err != nil {
		return err
	}
	var entry migration.Entry
	for _, e := range entries {
		if e.From == r.work.Step.From && e.To == r.work.Step.To && !e.Ended() {
			entry = e
		}
	}
	prefix, err := prefixOf(r.work.Step.Body().(*migration.SQL), r.work.Resume)
	if err != nil {
		return err
	}
	file := r.work.Step.File()
	version, _ := r.work.Step.To.Version()
	if entry.SegmentsDone != r.work.Resume || prefix != entry.PrefixChecksum {
		return &migration.Error{
			Op: "apply", Origin: migration.Origin{File: file},
			Err:  fmt.Errorf("%w: its first %d commits are applied, and their text is not the same any more", migration.ErrChanged, r.work.Resume),
			Hint: fmt.Sprintf("restore that part of the file, or finish it by hand and then fastmigrate mark %d", version),
		}
	}
	if r.work.Step.Traits.TemporaryObjects {
		return &migration.Error{
			Op: "apply", Origin: migration.Origin{File: file},
			Err:  fmt.Errorf("%w: its first %d commits are applied, and the temporary tables it made are gone", migration.ErrUnfinished, r.work.Resume),
			Hint: fmt.Sprintf("finish it by hand and then fastmigrate mark %d", version),
		}
	}
	r.entry.ID, r.entry.StartedAt = entry.ID, entry.StartedAt
	return nil
}

// prefixOf returns the checksum of a script's text up to the end of its first
// segments.
func prefixOf(script *migration.SQL, segments int) (migration.Checksum, error) {
	r, err := openScript(script)
	if err != nil {
		return "", err
	}
	defer r.Close()
	for done := 0; ; {
		_, _, m, ok, err := r.next()
		if err != nil {
			return "", err
		}
		if !ok {
			return r.sum(), nil
		}
		if m.closeBefore {
			if done++; done == segments {
				return r.sumBefore(), nil
			}
		}
		if m.run == runCommit || m.closeAfter {
			if done++; done == segments {
				return r.sum(), nil
			}
		}
	}
}
