package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

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
		return place(r.File, "check", err)
	}
	e := r.entry
	e.Status, e.SegmentsDone, e.PrefixChecksum, e.Error = migration.Applied, r.done+1, prefix, ""
	e.FinishedAt, e.Duration = now(), time.Since(r.began)
	if err := r.save(e); err != nil {
		return place(r.File, "record", err)
	}
	if err := r.conn.move(r.ctx, r.work.Step); err != nil {
		return place(r.File, "record", err)
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
		failed.Hint = fmt.Sprintf("%d of its %d commits are applied; mend the rest of the file and run again, it goes on from there",
			e.SegmentsDone, max(r.traits.Segments, e.SegmentsDone))
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
