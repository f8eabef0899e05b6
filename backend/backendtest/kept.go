package backendtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// kept is a database with another book than that of numbered files.
type kept struct {
	*database
	kind  string
	books backend.Backend // the database's other backend, with that book
}

// keep returns a database with a book of the kind, which has a table a for
// numbers and nothing applied.
func (s *suite) keep(t *testing.T, kind string) *kept {
	t.Helper()
	if !able[backend.Keeper](s, t) {
		t.Skip("the backend is no backend.Keeper")
	}
	d := s.managed(t)
	k := &kept{database: d, kind: kind}
	var err error
	if k.books, err = backend.Keep(d.again(), backend.Book{Kind: kind}); errors.Is(err, migration.ErrUnsupported) {
		t.Skip(err)
	} else if err != nil {
		t.Fatalf("Keep: %v", err)
	}
	s.Exec(t, d.Database, s.table("a"))
	return k
}

// reach goes along migrations to a goal, as a Migrator does: a graph's plan is
// one transaction where the database can do that.
func (k *kept) reach(ctx context.Context, migrations []migration.Migration, goal plan.Goal) (report *run.Report, err error) {
	atomic, can := k.books.(backend.Atomic)
	whole := k.kind == migration.Revisions && can && atomic.Atomic()
	report = &run.Report{}
	// A process that was killed may have the lock until the database notices.
	s, err := k.books.Session(ctx, backend.SessionOptions{Atomic: whole, LockTimeout: 3 * time.Minute})
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p, err := k.planned(ctx, s, migrations, goal, whole)
	if err != nil {
		return report, err
	}
	return run.Execute(ctx, s, p, run.Options{Tool: tool, Host: host})
}

// planned makes the plan.
func (k *kept) planned(ctx context.Context, r reader, migrations []migration.Migration, goal plan.Goal, whole bool) (p plan.Plan, err error) {
	at, err := r.State(ctx)
	if err != nil {
		return p, err
	}
	entries, err := r.History(ctx)
	if err != nil {
		return p, err
	}
	if k.kind == migration.Functions {
		p, err = plan.Sequence(migrations, entries, goal)
	} else {
		p, err = plan.Graph(migrations, at, entries, goal)
	}
	for i := range p.Steps {
		if _, code := p.Steps[i].Body().(*migration.Go); code {
			p.Steps[i].Traits = migration.Traits{Wrapped: true, SessionState: true}
		} else if err == nil {
			err = inspect(ctx, k.books, &p.Steps[i])
		}
	}
	if err != nil {
		return p, err
	}
	if whole {
		return p, p.Together()
	}
	grouping, ok := k.books.(backend.Grouping)
	p.Group(ok && grouping.Groups(), plan.Limits{})
	return p, nil
}

// stands fails the test unless the database stands at the state, by its book.
func (k *kept) stands(want migration.State) {
	k.t.Helper()
	if at, err := k.books.State(k.t.Context()); err != nil || at != want {
		k.t.Errorf("the database stands at %q, %v; want %q", at, err, want)
	}
}

// told returns what the book tells of the past: names of functions, or
// revisions on both sides of a step.
func (k *kept) told() (all []string) {
	k.t.Helper()
	entries, err := k.books.History(k.t.Context())
	if err != nil {
		k.t.Fatalf("History: %v", err)
	}
	for _, e := range entries {
		if e.Kind != k.kind || e.FinishedAt.IsZero() {
			k.t.Errorf("the book has the entry %+v", e)
		}
		if k.kind == migration.Functions {
			all = append(all, string(e.To)+" "+e.Name)
		} else {
			all = append(all, string(e.From)+">"+string(e.To))
		}
	}
	return all
}

// unrecorded fails the test if the history table was written to, which the book
// does not ask for and only the progress of scripts is kept in, or the version
// of numbered files was moved.
func (k *kept) unrecorded() {
	k.t.Helper()
	k.at(0)
	if k.kind == migration.Revisions && k.Failure == Progress {
		return
	}
	for _, e := range k.entries() {
		k.t.Errorf("the history has the entry %+v", e)
	}
}

// inserts returns a function that inserts numbers into the table a.
func (s *suite) inserts(numbers ...int) migration.Func {
	return func(ctx context.Context, tx migration.Tx) error {
		for _, n := range numbers {
			if _, err := tx.ExecContext(ctx, s.Scripts.Insert("a", n)); err != nil {
				return err
			}
		}
		return nil
	}
}
