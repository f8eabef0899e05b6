package cli

import (
	"context"
	"errors"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// dryRun says what a run would do.
func (a *app) dryRun(ctx context.Context, m *fastmigrate.Migrator, goal fastmigrate.Goal, out *RunOutput) error {
	p, err := a.planned(ctx, m, goal)
	out.stood(a.kind, p.Start)
	out.stands(a.kind, p.End)
	out.Pending, out.Findings, out.OnCopy = stepObjects(p), p.Findings, p.Copy
	if a.verb() == "to" {
		out.tellDirection()
	}
	return err
}

// emptyIfMissing returns a backend that behaves as if up --create had made the
// database, where there is none.
func emptyIfMissing(ctx context.Context, b backend.Backend, kind string, out *RunOutput) backend.Backend {
	if _, err := b.State(ctx); !errors.Is(err, migration.ErrNoDatabase) {
		return b
	}
	out.Created = true
	e := empty{b, kind}
	if inspector, ok := b.(backend.Inspector); ok {
		return &emptyInspector{e, inspector}
	}
	return e
}

// empty is a new database that is not there yet. It is for planning only.
type empty struct {
	backend.Backend
	kind string
}

func (empty) History(context.Context) ([]migration.Entry, error) { return nil, nil }

// State is where a database stands to which nothing is applied.
func (e empty) State(context.Context) (migration.State, error) {
	switch e.kind {
	case migration.Functions:
		return migration.None, nil
	case migration.Revisions:
		return migration.Initial.State(), nil
	}
	return "0", nil
}

// Keep returns the same: the book was chosen when it was made.
func (e empty) Keep(backend.Book) (backend.Backend, error) { return e, nil }

// Groups says what the database will do once it is there.
func (e empty) Groups() bool {
	g, ok := e.Backend.(backend.Grouping)
	return ok && g.Groups()
}

// Atomic says the same of transactions.
func (e empty) Atomic() bool {
	a, ok := e.Backend.(backend.Atomic)
	return ok && a.Atomic()
}

// emptyInspector is empty for a database that can look into scripts.
type emptyInspector struct {
	empty
	backend.Inspector
}

// Keep returns the same, for the same reason.
func (e *emptyInspector) Keep(backend.Book) (backend.Backend, error) { return e, nil }
