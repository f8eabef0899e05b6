package fastmigrate

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// Status is where a database stands among the migrations.
type Status struct {
	// Kind says of which kind the migrations are: [migration.Files],
	// [migration.Functions] or [migration.Revisions].
	Kind    string
	State   migration.State   // where the database stands, whatever the kind
	Version migration.Version // the same where it is a number, and 0 elsewhere
	// Newest is the highest number that there is a file or a function for; it
	// is 0 for a graph.
	Newest migration.Version
	// Pending is how many migrations are to be applied; in a graph, how many
	// steps lead up to the nearest end.
	Pending int
	Rows    []StatusRow  // one a migration, in order of numbers; none of a graph
	Made    []StatusStep // of a graph: the steps that were made, oldest first
	Ahead   []StatusStep // of a graph: the edges that leave the revision, up and then down
	// Findings are what a person should know.
	Findings []Finding
}

// StatusStep is an edge of a graph that was gone, or that may be gone next.
type StatusStep struct {
	From, To migration.Revision
	// Direction and File are those of the edge. File is empty where there is
	// no such edge, or one up and one down between which nothing decides.
	Direction migration.Direction
	File      string
	Kind      migration.Kind // of the edge's body; empty where File is
	AppliedAt time.Time      // zero where it was not, or where the table does not tell
}

// StatusRow is one migration and how it stands: a numbered file or a function.
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
		return Status{Kind: m.kind}, err
	}
	var s Status
	switch m.kind {
	case migration.Functions:
		s, err = m.functionStatus(ctx, migrations)
	case migration.Revisions:
		s, err = m.graphStatus(ctx, migrations)
	default:
		s, err = m.fileStatus(ctx, migrations)
	}
	s.Kind = m.kind
	if err != nil {
		return s, err
	}
	return s, run.Strict(m.options.Strict, s.Findings)
}

// fileStatus is the status of numbered files.
func (m *Migrator) fileStatus(ctx context.Context, migrations []migration.Migration) (Status, error) {
	h, err := m.history(ctx, m.backend)
	if err != nil {
		return Status{}, err
	}
	s := Status{State: h.Current.State(), Version: h.Current, Newest: plan.Newest(migrations)}
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
	s.Findings = append(s.Findings, m.ahead(ctx, migrations, h)...)
	return s, nil
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
