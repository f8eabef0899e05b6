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
	out.From, out.Version = versionOf(p.Start), versionOf(p.End)
	out.Pending, out.Findings = stepObjects(p), p.Findings
	return err
}

// emptyIfMissing returns a backend that behaves as if up --create had made the
// database, where there is none.
func emptyIfMissing(ctx context.Context, b backend.Backend, out *RunOutput) backend.Backend {
	if _, err := b.State(ctx); !errors.Is(err, migration.ErrNoDatabase) {
		return b
	}
	out.Created = true
	e := empty{b}
	if inspector, ok := b.(backend.Inspector); ok {
		return &emptyInspector{e, inspector}
	}
	return e
}

// empty is a new database that is not there yet. It is for planning only.
type empty struct{ backend.Backend }

func (empty) State(context.Context) (migration.State, error)     { return "0", nil }
func (empty) History(context.Context) ([]migration.Entry, error) { return nil, nil }

// Groups says what the database will do once it is there.
func (e empty) Groups() bool {
	g, ok := e.Backend.(backend.Grouping)
	return ok && g.Groups()
}

// emptyInspector is empty for a database that can look into scripts.
type emptyInspector struct {
	empty
	backend.Inspector
}
