// Package trek is the declarative way along a graph of revisions, in the words
// of the Python tool asyncpg-trek: name the revision that you want, and the plan
// is found.
//
//	planned, err := trek.Plan(ctx, db, source.Revisions(files), "rev3", trek.Up)
//	…
//	report, err := trek.Execute(ctx, db, planned)
//
// The edges of the graph are files named DATE_FROM_up_TO.sql and
// DATE_FROM_down_TO.sql, and functions. What was done stands in the table
// migrations, which the Python tool goes on working with. On SQLite and
// PostgreSQL a plan is carried out in one transaction, all or nothing.
//
// The same is to be had of a [fastmigrate.Migrator] over a
// [source.RevisionFiles].
package trek

import (
	"context"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

// Direction is the way that a plan may take.
type Direction uint8

// The directions. With Open a plan leads up where there is such a way, or else
// down; it is an error if there are both.
const (
	Open Direction = iota
	Up
	Down
)

// Options says how plans are carried out; see [fastmigrate.Options].
type Options = fastmigrate.Options

// Planned is a plan; see [plan.Plan].
type Planned = plan.Plan

// Plan finds the shortest way from the revision that the database is at to the
// target. It takes no lock and writes nothing. Where the database is at the
// target the plan is empty. The error wraps [migration.ErrNoPath] where there is
// no way.
func Plan(ctx context.Context, b backend.Backend, s *source.RevisionFiles, target migration.Revision, d Direction) (Planned, error) {
	m, err := fastmigrate.New(b, s, Options{})
	if err != nil {
		return Planned{}, err
	}
	return m.Plan(ctx, Goal(target, d))
}

// Execute carries a plan out, under a lock. The error wraps
// [migration.ErrStalePlan] where the database is not any more where the plan
// starts. There is always a report.
func Execute(ctx context.Context, b backend.Backend, p Planned) (*fastmigrate.Report, error) {
	return ExecuteWith(ctx, b, p, Options{})
}

// ExecuteWith is like [Execute], with options.
func ExecuteWith(ctx context.Context, b backend.Backend, p Planned, o Options) (*fastmigrate.Report, error) {
	m, err := fastmigrate.New(b, &source.RevisionFiles{}, o)
	if err != nil {
		return &fastmigrate.Report{Start: p.Start, End: p.Start}, err
	}
	return m.Execute(ctx, p)
}

// To plans the way to a revision and goes it, all under one lock.
func To(ctx context.Context, b backend.Backend, s *source.RevisionFiles, target migration.Revision, d Direction) (*fastmigrate.Report, error) {
	m, err := fastmigrate.New(b, s, Options{})
	if err != nil {
		return &fastmigrate.Report{}, err
	}
	return m.Run(ctx, Goal(target, d))
}

// Current returns the revision that the database is at; [migration.Initial]
// where nothing was applied to it.
func Current(ctx context.Context, b backend.Backend) (migration.Revision, error) {
	b, err := backend.Keep(b, backend.Book{Kind: migration.Revisions})
	if err != nil {
		return "", err
	}
	at, err := b.State(ctx)
	return migration.Revision(at), err
}

// Goal returns a target and a direction as a Migrator takes them.
func Goal(target migration.Revision, d Direction) plan.Goal {
	g := plan.Goal{Target: target.State(), Open: d == Open}
	if d == Down {
		g.Direction = migration.Down
	}
	return g
}
