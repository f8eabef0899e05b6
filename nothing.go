package fastmigrate

import (
	"context"
	"errors"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// nothing returns a report if it is clear without a lock that there is nothing
// to do: the usual case, which must be quick.
func (m *Migrator) nothing(ctx context.Context, migrations []migration.Migration, goal Goal) (*Report, error) {
	if m.kind != migration.Files {
		return m.nothingElse(ctx, migrations, goal)
	}
	at, err := m.backend.State(ctx)
	if err != nil {
		return nil, err
	}
	if v, err := goal.Target.Version(); err == nil && goal.To == nil {
		goal.To = &v
	} else if goal.Target != "" && goal.To == nil {
		return nil, nil // the planner says what is wrong with it
	}
	current, err := at.Version()
	if err != nil || !there(migrations, current, goal) {
		return nil, err
	}
	p := Plan{Kind: migration.Files, Direction: goal.Direction, Start: at, End: at}
	odd := m.options.Strict
	if !odd {
		if odd, err = m.odd(ctx, migrations, current); err != nil {
			return nil, err
		}
	}
	if odd {
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
func there(migrations []migration.Migration, current migration.Version, goal Goal) bool {
	switch {
	case goal.To != nil:
		return *goal.To == current
	case goal.Direction == migration.Down:
		return current == 0
	}
	return plan.Newest(migrations) <= current
}

// oddities returns the findings of a run that has nothing to do. Files are read
// then only where it is strict.
func (m *Migrator) oddities(migrations []migration.Migration, h plan.History) ([]Finding, error) {
	if m.options.Strict {
		return m.findings(migrations, h)
	}
	return plan.Findings(migrations, h, func(migration.Migration) (migration.Checksum, error) { return "", nil })
}

// odd says whether the files and the history may disagree, by the cheapest
// means there is.
func (m *Migrator) odd(ctx context.Context, migrations []migration.Migration, current migration.Version) (bool, error) {
	summarizer, ok := m.backend.(backend.Summarizer)
	if !ok || current > plan.Newest(migrations) {
		return true, nil
	}
	s, err := summarizer.Summary(ctx, current)
	if err != nil || s == (backend.Summary{}) {
		return false, err
	}
	return s != backend.Summarize(migrations, s.From, current), nil
}
