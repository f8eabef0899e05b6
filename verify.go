package fastmigrate

import (
	"context"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// Verify looks for everything that may be wrong: applied files against their
// checksums, what is recorded against itself and against the migrations, and the
// database by its own checks. It writes nothing. What it finds is returned
// without an error.
func (m *Migrator) Verify(ctx context.Context) ([]Finding, error) {
	migrations, err := m.source.Migrations()
	if err != nil {
		return nil, err
	}
	found, err := m.recorded(ctx, migrations)
	if err != nil {
		return found, err
	}
	v, ok := m.backend.(backend.Verifier)
	if !ok {
		return found, nil
	}
	more, err := v.Verify(ctx)
	return append(found, more...), err
}

// recorded compares what the database says that was done with the migrations.
func (m *Migrator) recorded(ctx context.Context, migrations []migration.Migration) ([]Finding, error) {
	if m.kind == migration.Files {
		h, err := m.history(ctx, m.backend)
		if err != nil {
			return nil, err
		}
		found, err := m.findings(migrations, h)
		return append(found, plan.Consistent(h)...), err
	}
	at, entries, err := m.past(ctx, m.backend)
	if err != nil {
		return nil, err
	}
	if m.kind == migration.Functions {
		return plan.Sequenced(migrations, entries)
	}
	graph, err := plan.NewMap(migrations)
	if err != nil {
		return nil, err
	}
	return graph.Sound(at, entries), nil
}
