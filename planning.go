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

// past reads where the database stands and what it remembers.
func (m *Migrator) past(ctx context.Context, r reader) (migration.State, []migration.Entry, error) {
	at, err := r.State(ctx)
	if err != nil {
		return "", nil, err
	}
	entries, err := r.History(ctx)
	return at, entries, err
}

// history is past for numbered files.
func (m *Migrator) history(ctx context.Context, r reader) (plan.History, error) {
	at, entries, err := m.past(ctx, r)
	if err != nil {
		return plan.History{}, err
	}
	current, err := at.Version()
	return plan.History{Current: current, Entries: entries}, err
}

// plan makes the plan to a goal: it reads the history, inspects the bodies that
// are to be run, and looks for what a person should know.
func (m *Migrator) plan(ctx context.Context, r reader, migrations []migration.Migration, goal Goal) (Plan, error) {
	p, findings, err := m.steps(ctx, r, migrations, goal)
	if err != nil {
		return p, err
	}
	if err := m.inspect(ctx, p.Steps); err != nil {
		return p, err
	}
	if err := m.group(ctx, &p); err != nil {
		return p, err
	}
	if findings != nil {
		if p.Findings, err = findings(); err != nil {
			return p, err
		}
	}
	more, err := review(ctx, r, p.Steps)
	p.Findings = append(p.Findings, more...)
	return p, err
}

// steps lets the planner of the migrations' kind find the way. What a person
// should know of numbered files is found out later: that reads all of them.
func (m *Migrator) steps(ctx context.Context, r reader, migrations []migration.Migration, goal Goal) (p Plan, findings func() ([]Finding, error), err error) {
	if m.kind == migration.Files {
		h, err := m.history(ctx, r)
		if err != nil {
			return p, nil, err
		}
		p, err = plan.Linear(migrations, h, goal)
		return p, func() ([]Finding, error) { return m.findings(migrations, h) }, err
	}
	at, entries, err := m.past(ctx, r)
	if err != nil {
		return p, nil, err
	}
	if m.kind == migration.Functions {
		p, err = plan.Sequence(migrations, entries, goal)
	} else {
		p, err = plan.Graph(migrations, at, entries, goal)
	}
	return p, nil, err
}

// whole says whether a plan is carried out in one transaction whatever it is
// asked: in a caller's transaction, and along a graph where the database can do
// that.
func (m *Migrator) whole() bool {
	if enclosed, ok := m.backend.(backend.Enclosed); ok && enclosed.Enclosed() {
		return true
	}
	atomic, ok := m.backend.(backend.Atomic)
	return m.kind == migration.Revisions && ok && atomic.Atomic()
}

// group says which steps are committed together.
func (m *Migrator) group(ctx context.Context, p *Plan) error {
	if m.single {
		p.Group(false, plan.Limits{})
		return nil
	}
	if !m.options.Atomic && !m.whole() {
		grouping, ok := m.backend.(backend.Grouping)
		p.Group(ok && grouping.Groups(), plan.Limits{})
		return nil
	}
	err := m.together(p)
	if staging, ok := m.backend.(backend.Staging); ok && err != nil && m.options.Atomic {
		return m.stage(ctx, staging, p, err)
	}
	return err
}

// together puts all steps into one transaction.
func (m *Migrator) together(p *Plan) error {
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
