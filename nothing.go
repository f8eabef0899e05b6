package fastmigrate

import (
	"context"
	"errors"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
	"github.com/fastmigrate/fastmigrate/source"
)

// nothing returns a report if it is clear without a lock that there is nothing
// to do: the usual case, which must be quick.
func (m *Migrator) nothing(ctx context.Context, files *source.Listing, goal Goal) (*Report, error) {
	if m.kind != migration.Files {
		return m.nothingElse(ctx, files.Migrations(), goal)
	}
	at, past, err := m.glance(ctx)
	if err != nil {
		return nil, err
	}
	if v, err := goal.Target.Version(); err == nil && goal.To == nil {
		goal.To = &v
	} else if goal.Target != "" && goal.To == nil {
		return nil, nil // the planner says what is wrong with it
	}
	current, err := at.Version()
	if err != nil || !there(files, current, goal) {
		return nil, err
	}
	p := Plan{Kind: migration.Files, Direction: goal.Direction, Start: at, End: at}
	if m.options.Strict || past == nil || odd(files, current, *past) {
		migrations := files.Migrations()
		h, err := m.history(ctx, m.backend)
		if err != nil {
			return nil, err
		}
		if _, stuck := h.Unfinished(); stuck {
			return nil, nil // there may be something to do after all
		}
		if p.Findings, err = m.oddities(migrations, h); err != nil {
			return nil, err
		}
	}
	return run.Nothing(at, p, m.runOptions())
}

// glance reads where the database stands and, where that can be had by the way,
// a summary of its history.
func (m *Migrator) glance(ctx context.Context) (migration.State, *backend.Summary, error) {
	if summarizer, ok := m.backend.(backend.Summarizer); ok {
		at, past, err := summarizer.Summary(ctx)
		return at, &past, err
	}
	at, err := m.backend.State(ctx)
	return at, nil, err
}

// nothingElse is nothing for functions and revisions, of which the planner alone
// can tell.
func (m *Migrator) nothingElse(ctx context.Context, migrations []migration.Migration, goal Goal) (*Report, error) {
	p, _, err := m.steps(ctx, m.backend, migrations, goal)
	switch {
	case errors.Is(err, migration.ErrUnfinished):
		return nil, nil // another run may be at it, which the lock tells
	case err != nil && p.Start != "": // it was read, and there is no way
		return &Report{Start: p.Start, End: p.Start}, err
	}
	if err != nil || !p.Empty() {
		return nil, err
	}
	return run.Nothing(p.Start, p, m.runOptions())
}

// there says whether the database stands at the goal.
func there(files *source.Listing, current migration.Version, goal Goal) bool {
	switch {
	case goal.To != nil:
		return *goal.To == current
	case goal.Direction == migration.Down:
		return current == 0
	}
	return files.Newest() <= current
}

// odd says whether the files and the history may disagree.
func odd(files *source.Listing, current migration.Version, past backend.Summary) bool {
	if current > files.Newest() {
		return true
	}
	return past != (backend.Summary{}) && past != backend.Summarize(files.Versions(), past.From, current)
}

// oddities returns the findings of a run that has nothing to do. Files are read
// then only where it is strict.
func (m *Migrator) oddities(migrations []migration.Migration, h plan.History) ([]Finding, error) {
	if m.options.Strict {
		return m.findings(migrations, h)
	}
	return plan.Findings(migrations, h, func(migration.Migration) (migration.Checksum, error) { return "", nil })
}
