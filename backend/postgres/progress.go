package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// save adds, to the open transaction, what is to be known of its segment: how
// far the script has come or, with the last, that the step is applied. Settings
// of ours are local, so that the script finds its own again.
func (r *segmented) save(prefix migration.Checksum, last bool) {
	s, e := r.session, r.entry
	e.SegmentsDone, e.PrefixChecksum, e.Error = r.done+1, prefix, ""
	s.ourselves(&r.batch)
	r.batch.ours(s.lock.standing(true))
	if last {
		e.Status, e.FinishedAt, e.Duration = migration.Applied, now(), time.Since(r.began)
		s.ensure(&r.batch)
		r.batch.ours(s.backend.book.move(s.conn, r.work.Step))
	} else {
		e.Status = migration.Begun
		s.guard(&r.batch, r.work.Step.From)
	}
	r.write(&r.batch, e)
}

// write adds the entry, or writes it over once it has a row.
func (r *segmented) write(b *batch, e migration.Entry) {
	if e.ID != 0 {
		b.ours(r.session.conn.update(e))
		return
	}
	r.session.createHistory(b)
	b.asking(r.session.conn.insert(e), &r.id)
}

// stopped says how far a script came that failed between two commits, and
// notes the failure beside the progress.
func (r *segmented) stopped(failure error) error {
	if r.adrift {
		return failure // what came of the statement is not known: it stays begun, and the next run finds out
	}
	ctx := context.WithoutCancel(r.ctx)
	e := r.entry
	e.Status, e.FinishedAt, e.Duration = migration.Failed, now(), time.Since(r.began)
	e.Error = failure.Error()
	if err := r.session.ready(ctx); err != nil {
		return errors.Join(failure, err)
	}
	written, err := r.session.entryOf(ctx, r.work)
	if err != nil {
		return errors.Join(failure, err)
	}
	if written.ID != e.ID {
		return failure // the row was in a transaction that was rolled back
	}
	e.SegmentsDone, e.PrefixChecksum = written.SegmentsDone, written.PrefixChecksum
	err = r.session.write(ctx, e.From, func(b *batch) { b.ours(r.session.conn.update(e)) })
	var failed *migration.Error
	if errors.As(failure, &failed) && e.SegmentsDone > 0 {
		hint := fmt.Sprintf("%d of its %d commits are applied; mend the rest of the file and run again, it goes on from there",
			e.SegmentsDone, max(r.traits.Segments, e.SegmentsDone))
		if failed.Hint != "" && failed.Hint != mendHint {
			hint = failed.Hint + "; " + hint
		}
		failed.Hint = hint
	}
	return errors.Join(failure, err)
}

// entryOf returns the entry of a step that did not come to its end, or the zero
// Entry.
func (s *session) entryOf(ctx context.Context, w backend.Work) (entry migration.Entry, err error) {
	entries, _, err := s.conn.history(ctx)
	for _, e := range entries {
		if e.Kind == s.backend.book.kind() && e.From == w.Step.From && e.To == w.Step.To {
			entry = migration.Entry{}
			if !e.Ended() {
				entry = e
			}
		}
	}
	return entry, err
}

// trailing tells of a failure behind the record: the migration is applied, and
// what should have followed is not.
func (r *segmented) trailing(failure error) {
	r.result.Findings = append(r.result.Findings, migration.Finding{
		Code: migration.CodeTrailing, Message: failure.Error(),
		Hint: "the migration is applied; run the statements after its last COMMIT by hand",
	})
}

// skip passes the data of a COPY over.
func (r *segmented) skip(data io.Reader) error {
	if _, err := io.Copy(io.Discard, data); err != nil {
		return r.reader.failure()
	}
	return nil
}
