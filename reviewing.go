package fastmigrate

import (
	"context"
	"slices"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// review returns what the backend finds in scripts that make a table anew.
func review(ctx context.Context, r reader, steps []plan.Step) ([]Finding, error) {
	reviewer, ok := r.(backend.Reviewer)
	if !ok || !slices.ContainsFunc(steps, func(s plan.Step) bool { return s.Traits.Replaces }) {
		return nil, nil
	}
	all := make([]migration.Step, len(steps))
	for i, s := range steps {
		all[i] = s.Step
	}
	return reviewer.Review(ctx, all)
}

// ahead returns what the backend finds in the scripts that are pending. A plan
// says what is wrong with those that can't be run.
func (m *Migrator) ahead(ctx context.Context, migrations []migration.Migration, h plan.History) []Finding {
	if _, ok := m.backend.(backend.Reviewer); !ok {
		return nil
	}
	p, err := plan.Linear(migrations, h, Goal{})
	if err != nil || m.inspect(ctx, p.Steps) != nil {
		return nil
	}
	found, err := review(ctx, m.backend, p.Steps)
	if err != nil {
		return nil
	}
	return found
}
