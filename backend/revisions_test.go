package backend_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// plainStore is a store with a lock and without transactions.
type plainStore struct {
	at      []migration.Revision
	ensured bool
	locked  int
	ran     []string
	fails   string // the file that fails
}

func (p *plainStore) Ensure(context.Context) error { p.ensured = true; return nil }

func (p *plainStore) Current(context.Context) (migration.Revision, error) {
	if len(p.at) == 0 {
		return migration.Initial, nil
	}
	return p.at[len(p.at)-1], nil
}

func (p *plainStore) Run(ctx context.Context, body migration.Body) error {
	p.ran = append(p.ran, body.File())
	if code, ok := body.(*migration.Go); ok {
		return code.Func.(migration.Func)(ctx, nil)
	}
	if body.File() == p.fails {
		return errors.New("it failed")
	}
	return nil
}

func (p *plainStore) Record(_ context.Context, _, to migration.Revision) error {
	p.at = append(p.at, to)
	return nil
}

func (p *plainStore) Lock(context.Context, backend.SessionOptions) (io.Closer, error) {
	if p.locked%2 != 0 {
		return nil, migration.ErrBusyRun
	}
	p.locked++
	return unlock{p}, nil
}

type unlock struct{ store *plainStore }

func (u unlock) Close() error { u.store.locked++; return nil }

var threeEdges = fstest.MapFS{
	"20240101_initial_up_a.sql": {Data: []byte("x")},
	"20240102_a_up_b.sql":       {Data: []byte("x")},
	"20240103_b_up_c.sql":       {Data: []byte("x")},
}

// Without transactions each step is recorded by itself; what was done stays, and
// the next run goes on behind it.
func TestRevisionStoreStepByStep(t *testing.T) {
	p := &plainStore{fails: "20240102_a_up_b.sql"}
	b := backend.OverRevisions("plain", p)
	if _, err := trek.Plan(t.Context(), b, source.Revisions(threeEdges), "c", trek.Up); err != nil || p.ensured || p.locked != 0 {
		t.Errorf("planning: %v, ensured %v, locked %d", err, p.ensured, p.locked)
	}
	report, err := trek.To(t.Context(), b, source.Revisions(threeEdges), "c", trek.Up)
	if err == nil || err.Error() != "20240102_a_up_b.sql: it failed" || report.End != "a" || len(report.Skipped) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	p.fails = ""
	if report, err := trek.To(t.Context(), b, source.Revisions(threeEdges), "c", trek.Up); err != nil || len(report.Applied) != 2 {
		t.Errorf("%+v, %v", report, err)
	}
	if !p.ensured || p.locked != 4 {
		t.Errorf("ensured %v, locked and unlocked %d times", p.ensured, p.locked)
	}
}

// Who moves the store meanwhile is found out before the next step.
func TestRevisionStoreIsMoved(t *testing.T) {
	p := &plainStore{}
	edges := source.Revisions(threeEdges).With(source.Edge{From: "c", To: "d", Func: migration.Func(func(context.Context, migration.Tx) error {
		p.at = append(p.at, "elsewhere")
		return nil
	})}, source.Edge{From: "d", To: "e", Func: migration.Func(func(context.Context, migration.Tx) error { panic("never") })})
	b := backend.OverRevisions("plain", p)
	if _, err := trek.To(t.Context(), b, edges, "d", trek.Up); err != nil {
		t.Fatal(err)
	}
	p.at = append(p.at, "d")
	planned, err := trek.Plan(t.Context(), b, edges, "e", trek.Up)
	if err != nil {
		t.Fatal(err)
	}
	p.at = append(p.at, "elsewhere")
	if _, err := trek.Execute(t.Context(), b, planned); !errors.Is(err, migration.ErrStalePlan) {
		t.Errorf("stale: %v", err)
	}
	s, err := b.Session(t.Context(), backend.SessionOptions{LockTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Apply(t.Context(), backend.Work{Step: planned.Steps[0].Step}); !errors.Is(err, migration.ErrMoved) {
		t.Errorf("moved: %v", err)
	}
}

// A store keeps the history of a graph and no other.
func TestRevisionStoreOfFiles(t *testing.T) {
	b := backend.OverRevisions("plain", &plainStore{})
	if _, err := fastmigrate.New(b, new(source.Functions), fastmigrate.Options{}); !errors.Is(err, migration.ErrUnsupported) {
		t.Errorf("functions: %v", err)
	}
	if _, err := fastmigrate.New(b, source.FS(threeEdges), fastmigrate.Options{}); !errors.Is(err, migration.ErrUnsupported) {
		t.Errorf("numbered files: %v", err)
	}
	if _, err := fastmigrate.New(backend.Hooks{}.Backend(), source.Revisions(threeEdges), fastmigrate.Options{}); !errors.Is(err, migration.ErrUnsupported) {
		t.Errorf("hooks with a graph: %v", err)
	}
}
