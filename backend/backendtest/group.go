package backendtest

import (
	"fmt"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

// grouped opens a session and returns it with the works that lead through the
// files.
func (d *database) grouped(f files, o backend.SessionOptions) (backend.Session, backend.Grouper, []backend.Work) {
	d.t.Helper()
	migrations, err := source.FS(f.folder()).Migrations()
	if err != nil {
		d.t.Fatal(err)
	}
	session, err := d.Backend.Session(d.t.Context(), o)
	if err != nil {
		d.t.Fatalf("Session: %v", err)
	}
	d.t.Cleanup(func() { _ = session.Close() })
	p, err := planned(d.t.Context(), d.Backend, session, migrations, plan.Goal{})
	if err != nil {
		d.t.Fatalf("plan: %v", err)
	}
	works := make([]backend.Work, len(p.Steps))
	for i, step := range p.Steps {
		works[i] = work(step)
	}
	grouper, ok := session.(backend.Grouper)
	if !ok {
		d.t.Fatalf("the backend says that it groups, and its session %T is no backend.Grouper", session)
	}
	return session, grouper, works
}

// takesSeveral says whether scripts are handed over together: in one
// transaction, or each in its own.
func (d *database) takesSeveral() bool {
	d.t.Helper()
	if grouping, ok := d.Backend.(backend.Grouping); ok && grouping.Groups() {
		return true
	}
	session, err := d.Backend.Session(d.t.Context(), backend.SessionOptions{})
	if err != nil {
		d.t.Fatalf("Session: %v", err)
	}
	_, joins := session.(backend.Joiner)
	if err := session.Close(); err != nil {
		d.t.Errorf("Close: %v", err)
	}
	return joins
}

// groups: of scripts that are applied together, those before one that fails
// stay, and all that is told to be durable is.
func (s *suite) groups(t *testing.T) {
	d := s.managed(t)
	if !d.takesSeveral() {
		t.Skip("the database takes scripts one by one")
	}
	f := files{}
	for n := 1; n <= 20; n++ {
		f[fmt.Sprintf("%04d-t.sql", n)] = s.table(fmt.Sprintf("t%d", n), n)
	}
	f["0013-t.sql"] = s.script(s.Scripts.CreateTable("t13"), s.Scripts.Failing)
	session, grouper, works := d.grouped(f, backend.SessionOptions{})
	results, err := grouper.ApplyGroup(t.Context(), works)
	d.placed(err, "0013-t.sql", 2, s.Scripts.Failing)
	if len(results) != 12 {
		t.Errorf("%d results, want 12", len(results))
	}
	stale := works[12]
	stale.Step.From, stale.Step.To = "11", "12"
	_, err = grouper.ApplyGroup(t.Context(), []backend.Work{stale})
	fails(t, "ApplyGroup from a version where the database does not stand", err, migration.ErrMoved)
	if err := session.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	d.at(12)
	for n := 1; n <= 12; n++ {
		d.holds(fmt.Sprintf("t%d", n), n)
	}
	d.lacks("t13")
	d.lacks("t14")
	entries := d.entries()
	for i, e := range entries {
		if e.Status != migration.Applied || e.To != migration.Version(i+1).State() {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
	if len(entries) != 12 {
		t.Errorf("%d entries, want 12", len(entries))
	}
}

// allOrNothing: where the database can commit a whole run at once, one script
// that fails leaves nothing of any.
func (s *suite) allOrNothing(t *testing.T) {
	if !able[backend.Atomic](s, t) || !s.sample.(backend.Atomic).Atomic() {
		t.Skip("the database can't commit a whole run at once")
	}
	d := s.managed(t)
	f := s.broken()
	session, grouper, works := d.grouped(f, backend.SessionOptions{Atomic: true})
	results, err := grouper.ApplyGroup(t.Context(), works)
	d.placed(err, "0002-b.sql", 4, s.Scripts.Failing)
	if len(results) != 0 {
		t.Errorf("%d results, want none", len(results))
	}
	if err := session.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	d.at(0)
	for _, table := range []string{"a", "b", "c"} {
		d.lacks(table)
	}
	if n := len(d.entries()); n > 0 {
		t.Errorf("%d entries, want none", n)
	}
	session, grouper, works = d.grouped(s.mended(), backend.SessionOptions{Atomic: true})
	if results, err := grouper.ApplyGroup(t.Context(), works); err != nil || len(results) != 3 {
		t.Errorf("once it is mended: %d results, %v", len(results), err)
	}
	if err := session.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	d.at(3)
	d.holds("b", 1, 2, 7)
	if n := len(d.entries()); n != 3 {
		t.Errorf("%d entries, want 3", n)
	}
}
