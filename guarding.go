package fastmigrate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// execute carries a plan out on a session, with the backup that the options ask
// for before it, and the restoring after it. Both happen under the lock of the
// run, so that no other run comes in between.
func (m *Migrator) execute(ctx context.Context, s backend.Session, p Plan) (*Report, error) {
	if m.options.Backup == "" || p.Empty() || run.Strict(m.options.Strict, p.Findings) != nil {
		return m.carryOut(ctx, s, p)
	}
	if at, err := s.State(ctx); err != nil || at != p.Start {
		return m.carryOut(ctx, s, p) // which says so
	}
	if err := m.backUp(ctx, s); err != nil {
		return &Report{Start: p.Start, End: p.Start}, err
	}
	report, err := m.carryOut(ctx, s, p)
	report.Backup = m.options.Backup
	if err != nil && m.options.RestoreOnFailure && p.Copy == "" && changed(report) {
		err = errors.Join(err, m.putBack(context.WithoutCancel(ctx), s, report))
	}
	return report, err
}

// carryOut carries a plan out, on the database itself or on a copy.
func (m *Migrator) carryOut(ctx context.Context, s backend.Session, p Plan) (*Report, error) {
	if p.Copy == "" || p.Empty() {
		return run.Execute(ctx, s, p, m.runOptions())
	}
	return m.onCopy(ctx, s, p)
}

// backUp copies the database before a run.
func (m *Migrator) backUp(ctx context.Context, s backend.Session) error {
	if _, ok := s.(backend.Restorer); !ok && m.options.RestoreOnFailure {
		return fmt.Errorf("restore on failure: %w", migration.ErrUnsupported)
	}
	if err := Backup(ctx, m.backend, m.options.Backup); err != nil {
		return err
	}
	m.tell(run.BackedUp{File: m.options.Backup})
	return nil
}

// changed says whether a run that failed may have left something behind: it
// applied something, or what failed was more than one transaction.
func changed(r *Report) bool {
	return len(r.Applied) > 0 || r.Failed != nil && !r.Failed.Traits.Wrapped
}

// putBack restores the database after a run that failed, and takes back what the
// report says was applied.
func (m *Migrator) putBack(ctx context.Context, s backend.Session, r *Report) error {
	restored, err := s.(backend.Restorer).Restore(ctx, r.Backup, backend.RestoreOptions{})
	if err != nil {
		return &migration.Error{
			Op: "restore", Err: fmt.Errorf("the database could not be restored: %w", err),
			Hint: "fastmigrate restore " + r.Backup,
		}
	}
	r.Restored, r.Kept, r.End = true, restored.Kept, r.Start
	undone := make([]plan.Step, 0, len(r.Applied))
	for _, a := range r.Applied {
		undone = append(undone, a.Step)
	}
	r.Applied, r.Skipped = nil, slices.Concat(undone, r.Skipped)
	m.tell(run.Restored{File: r.Backup, Restored: restored})
	for _, f := range restored.Findings {
		r.Findings = append(r.Findings, f)
		m.tell(run.Found{Finding: f})
	}
	return nil
}
