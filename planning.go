package fastmigrate

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// reader is what planning needs of a backend or of a session.
type reader interface {
	State(ctx context.Context) (migration.State, error)
	History(ctx context.Context) ([]migration.Entry, error)
}

// history reads where the database stands and what it remembers.
func (m *Migrator) history(ctx context.Context, r reader) (plan.History, error) {
	at, err := r.State(ctx)
	if err != nil {
		return plan.History{}, err
	}
	current, err := at.Version()
	if err != nil {
		return plan.History{}, err
	}
	entries, err := r.History(ctx)
	return plan.History{Current: current, Entries: entries}, err
}

// plan makes the plan to a goal: it reads the history, inspects the bodies that
// are to be run, and looks for what a person should know.
func (m *Migrator) plan(ctx context.Context, r reader, migrations []migration.Migration, goal Goal) (Plan, error) {
	h, err := m.history(ctx, r)
	if err != nil {
		return Plan{}, err
	}
	p, err := plan.Linear(migrations, h, goal)
	if err != nil {
		return p, err
	}
	if err := m.inspect(ctx, p.Steps); err != nil {
		return p, err
	}
	if err := m.group(&p); err != nil {
		return p, err
	}
	p.Findings, err = m.findings(migrations, h)
	return p, err
}

// group says which steps are committed together.
func (m *Migrator) group(p *Plan) error {
	if !m.options.Atomic {
		grouping, ok := m.backend.(backend.Grouping)
		p.Group(ok && grouping.Groups(), plan.Limits{})
		return nil
	}
	if atomic, ok := m.backend.(backend.Atomic); !ok || !atomic.Atomic() {
		return &migration.Error{
			Op:   "plan",
			Err:  fmt.Errorf("%w: %s applies several migrations one after the other", migration.ErrNotAtomic, m.backend.Name()),
			Hint: "leave --atomic out; nothing was changed",
		}
	}
	return p.Together()
}

// findings compares files and history, reading every applied file.
func (m *Migrator) findings(migrations []migration.Migration, h plan.History) ([]Finding, error) {
	return plan.Findings(migrations, h, func(mig migration.Migration) (migration.Checksum, error) {
		sum, _, err := migration.Sum(mig.Up)
		return sum, err
	})
}
