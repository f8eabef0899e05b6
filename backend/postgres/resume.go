package postgres

import (
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/migration"
)

// begunWord is what the error of an entry begins with while a statement runs
// outside of a transaction.
const begunWord = "running outside of a transaction: "

// resume takes up the entry of an earlier run, after checking that the part of
// the text which it has applied is still the same.
func (r *segmented) resume() error {
	if !r.session.hasHistory && r.work.Resume == 0 {
		return nil
	}
	entry, err := r.session.entryOf(r.ctx, r.work)
	if err != nil {
		return err
	}
	if entry.ID == 0 && r.work.Resume == 0 {
		return nil
	}
	if entry.Status == migration.Failed && entry.SegmentsDone == 0 && r.work.Resume == 0 {
		return nil // begins anew
	}
	state := r.work.Step.To
	prefix, err := r.session.backend.prefixOf(r.work.Step.Body().(*migration.SQL), r.work.Resume)
	if err != nil {
		return err
	}
	if !r.work.Trusted && (entry.SegmentsDone != r.work.Resume || r.work.Resume > 0 && prefix != entry.PrefixChecksum) {
		return &migration.Error{
			Op: "apply", Origin: migration.Origin{File: r.file},
			Err:  fmt.Errorf("%w: its first %d commits are applied, and their text is not the same any more", migration.ErrChanged, r.work.Resume),
			Hint: fmt.Sprintf("restore that part of the file, or finish it by hand and then fastmigrate mark %s", state),
		}
	}
	if r.traits.TemporaryObjects && r.work.Resume > 0 {
		return &migration.Error{
			Op: "apply", Origin: migration.Origin{File: r.file},
			Err:  fmt.Errorf("%w: its first %d commits are applied, and the temporary tables it made are gone", migration.ErrUnfinished, r.work.Resume),
			Hint: fmt.Sprintf("finish it by hand and then fastmigrate mark %s", state),
		}
	}
	if entry.ID != 0 {
		r.entry.ID, r.entry.StartedAt = entry.ID, entry.StartedAt
	}
	if r.work.Resume > 0 {
		r.prefix = prefix
	}
	r.unsure = !r.work.Trusted && entry.Status == migration.Begun && strings.HasPrefix(entry.Error, begunWord)
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
	r.skims = true
	for done := 0; ; {
		_, n, m, ok, err := r.next()
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
		if m.Run == segment.Commit || m.CloseAfter || m.Run == segment.Bare && n.effect {
			if done++; done == segments {
				return r.Checksum(), nil
			}
		}
	}
}
