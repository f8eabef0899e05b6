package fastmigrate

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// Status is where a database stands among the migrations.
type Status struct {
	Version  migration.Version
	Newest   migration.Version // the highest there is a file for
	Pending  int               // migrations that are to be applied
	Rows     []StatusRow       // one a migration, in order of versions
	Findings []Finding
}

// StatusRow is one migration and how it stands.
type StatusRow struct {
	Version   migration.Version
	Name      string
	File      string         // empty where the file is gone
	Kind      migration.Kind // empty where the file is gone
	State     RowState
	Rollback  bool          // there is a script that takes it back
	AppliedAt time.Time     // zero where the history does not tell
	Duration  time.Duration // likewise
	Segments  int           // commits that are done, where it is begun or failed
	// AllSegments is how many commits the script has, where it is begun or
	// failed; 0 where that is not known.
	AllSegments int
	ByStatement bool   // each statement is such a commit
	Error       string // what went wrong, where it failed
}

// RowState says how a migration stands.
type RowState string

// The states of a row.
const (
	RowApplied  RowState = "applied"
	RowPending  RowState = "pending"
	RowLate     RowState = "late"     // below the database's version and never applied
	RowMissing  RowState = "missing"  // applied, and the file is gone
	RowBegun    RowState = "begun"    // started and not known to have ended
	RowFailed   RowState = "failed"   // ended with an error
	RowMarked   RowState = "marked"   // recorded without running
	RowEnrolled RowState = "enrolled" // the database was adopted here
)

// Status compares the migrations with the database. It takes no lock and
// writes nothing. Where the Migrator is strict and there are findings, the
// status comes with an error that wraps [migration.ErrStrict].
func (m *Migrator) Status(ctx context.Context) (Status, error) {
	migrations, err := m.source.Migrations()
	if err != nil {
		return Status{}, err
	}
	h, err := m.history(ctx, m.backend)
	if err != nil {
		return Status{}, err
	}
	s := Status{Version: h.Current, Newest: plan.Newest(migrations)}
	if s.Findings, err = m.findings(migrations, h); err != nil {
		return s, err
	}
	last := make(map[migration.Version]migration.Entry)
	for _, e := range h.Entries {
		if v, err := e.To.Version(); err == nil && e.Kind == migration.Files && e.Direction == migration.Up {
			last[v] = e
		}
	}
	for _, mig := range migrations {
		row := statusRow(mig, h.Current, last[mig.Version], s.Findings)
		m.measure(ctx, &row, mig)
		if row.State == RowPending || mig.Version > h.Current {
			s.Pending++
		}
		s.Rows = append(s.Rows, row)
	}
	for _, f := range s.Findings {
		if f.Code == migration.CodeMissing {
			v := migration.Version(*f.Version)
			s.Rows = append(s.Rows, StatusRow{
				Version: v, Name: f.File, State: RowMissing, AppliedAt: last[v].FinishedAt, Duration: last[v].Duration,
			})
		}
	}
	slices.SortStableFunc(s.Rows, func(a, b StatusRow) int { return cmp.Compare(a.Version, b.Version) })
	return s, run.Strict(m.options.Strict, s.Findings)
}

// measure adds to a row how many commits the script has that was begun and not
// finished, as the file is now; a file that can't be read says so when it is
// run.
func (m *Migrator) measure(ctx context.Context, row *StatusRow, mig migration.Migration) {
	script, ok := mig.Up.(*migration.SQL)
	inspector, can := m.backend.(backend.Inspector)
	if !ok || !can || row.State != RowBegun && row.State != RowFailed {
		return
	}
	if traits, err := inspector.Inspect(ctx, script); err == nil {
		row.AllSegments, row.ByStatement = traits.Segments, traits.Segments == traits.Statements
	}
}

// statusRow says how one migration stands, by the last entry about it.
func statusRow(mig migration.Migration, current migration.Version, e migration.Entry, findings []Finding) StatusRow {
	row := StatusRow{
		Version: mig.Version, Name: mig.Name, File: mig.Up.File(), Kind: mig.Up.Kind(),
		Rollback: mig.Down != nil, State: RowPending,
	}
	if mig.Version > current {
		switch e.Status {
		case migration.Begun:
			row.State, row.Segments = RowBegun, e.SegmentsDone
		case migration.Failed:
			row.State, row.Segments, row.Error = RowFailed, e.SegmentsDone, e.Error
		}
		return row
	}
	row.State = RowApplied
	switch e.Status {
	case migration.Marked:
		row.State = RowMarked
	case migration.Enrolled:
		row.State = RowEnrolled
	}
	if e.Ended() {
		row.AppliedAt, row.Duration = e.FinishedAt, e.Duration
	}
	for _, f := range findings {
		if f.Code == migration.CodeLate && *f.Version == int64(mig.Version) {
			row.State = RowLate
		}
	}
	return row
}

// Verify looks for everything that may be wrong: applied files against their
// checksums, the history against the version table, and the database by its
// own checks. It writes nothing. What it finds is returned without an error.
func (m *Migrator) Verify(ctx context.Context) ([]Finding, error) {
	migrations, err := m.source.Migrations()
	if err != nil {
		return nil, err
	}
	h, err := m.history(ctx, m.backend)
	if err != nil {
		return nil, err
	}
	found, err := m.findings(migrations, h)
	if err != nil {
		return found, err
	}
	found = append(found, plan.Consistent(h)...)
	v, ok := m.backend.(backend.Verifier)
	if !ok {
		return found, nil
	}
	more, err := v.Verify(ctx)
	return append(found, more...), err
}

// Mark records that the database is at version v without running anything, for
// what was done by hand. v is a version that has a file, or 0. The error wraps
// [migration.ErrNoVersion] otherwise.
func (m *Migrator) Mark(ctx context.Context, v migration.Version) error {
	migrations, err := m.source.Migrations()
	if err != nil {
		return err
	}
	if err := plan.Exists(migrations, v); err != nil {
		return err
	}
	_, err = m.locked(ctx, func(s backend.Session) (*Report, error) {
		at, err := s.State(ctx)
		if err != nil {
			return nil, err
		}
		e := m.entry(at, v.State(), migration.Marked, nameOf(migrations, v))
		if from, err := at.Version(); err == nil && from > v {
			e.Direction = migration.Down
		}
		return nil, s.Mark(ctx, e)
	})
	return err
}

// EnrollAt adopts an existing database that has no version table at version v:
// its schema is what the migrations up to v make. Nothing is run. The error
// wraps [migration.ErrManaged] where the database has a version already.
func (m *Migrator) EnrollAt(ctx context.Context, v migration.Version) error {
	migrations, err := m.source.Migrations()
	if err != nil {
		return err
	}
	if err := plan.Exists(migrations, v); err != nil {
		return err
	}
	e, ok := m.backend.(backend.Enroller)
	if !ok {
		return errors.Join(migration.ErrUnsupported, errors.New("enroll"))
	}
	return e.Enroll(ctx, m.entry("0", v.State(), migration.Enrolled, nameOf(migrations, v)))
}
