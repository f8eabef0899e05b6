package sqlite

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

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
	prefix, err := r.conn.backend.prefixOf(r.work.Step.Body().(*migration.SQL), r.work.Resume)
	if err != nil {
		return err
	}
	file := r.work.Step.File()
	version, _ := r.work.Step.To.Version()
	if !r.work.Trusted && (entry.SegmentsDone != r.work.Resume || prefix != entry.PrefixChecksum) {
		return &migration.Error{
			Op: "apply", Origin: migration.Origin{File: file},
			Err: fmt.Errorf("%w: its first %d commits are applied, and their text is not the same any more", migration.ErrChanged, r.work.Resume),
			Hint: fmt.Sprintf("restore that part of the file; or say which commit of the new text comes next: fastmigrate up --resume-from K; "+
				"or finish it by hand and then fastmigrate mark %d", version),
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
func (b *Backend) prefixOf(script *migration.SQL, segments int) (migration.Checksum, error) {
	r, err := b.open(script)
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
			return r.Checksum(), nil
		}
		if m.CloseBefore {
			if done++; done == segments {
				return r.ChecksumBefore(), nil
			}
		}
		if m.Run == segment.Commit || m.CloseAfter {
			if done++; done == segments {
				return r.Checksum(), nil
			}
		}
	}
}

// skipping says that the segment at hand was committed by an earlier run.
func (r *segmented) skipping() bool { return r.done < r.work.Resume }

// replay passes a statement of a segment over that is done already, unless it
// sets the connection up for what follows.
func (r *segmented) replay(st *sqlscan.Statement, n nature, m segment.Move) error {
	if n.session && !n.temporary {
		if err := r.statement(r.ctx, st, n); err != nil {
			return err
		}
	}
	if m.Run == segment.Commit || m.CloseAfter {
		r.done++
	}
	return nil
}
