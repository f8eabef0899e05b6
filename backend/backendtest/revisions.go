package backendtest

import (
	"slices"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

// edges returns a graph: up from the empty revision to one, two and three, and
// down again. What leads to two is a function.
func (s *suite) edges(t testing.TB, three string, two migration.Func) []migration.Migration {
	t.Helper()
	f := files{
		"20240101_initial_up_one.sql":   s.script(s.Scripts.Insert("a", 1)),
		"20240103_two_up_three.sql":     three,
		"20240104_three_down_two.sql":   s.script("DELETE FROM a WHERE n = 3"),
		"20240105_two_down_one.sql":     s.script("DELETE FROM a WHERE n = 2"),
		"20240106_one_down_initial.sql": s.script("DELETE FROM a WHERE n = 1"),
	}
	all, err := source.Revisions(f.folder()).With(source.Edge{From: "one", To: "two", Func: two}).Migrations()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// revisions: the way along a graph leads up and down, each step with its row.
func (s *suite) revisions(t *testing.T) {
	k := s.keep(t, migration.Revisions)
	k.stands(migration.Initial.State())
	if told := k.told(); len(told) > 0 {
		t.Errorf("a database without the table tells of %q", told)
	}
	all := s.edges(t, s.script(s.Scripts.Insert("a", 3)), s.inserts(2))
	for _, way := range []struct {
		to    migration.State
		steps int
		holds []int
	}{
		{"three", 3, []int{1, 2, 3}}, {"three", 0, []int{1, 2, 3}}, {"one", 2, []int{1}}, {"two", 1, []int{1, 2}}, {"initial", 2, nil},
	} {
		report, err := k.reach(t.Context(), all, plan.Towards(way.to))
		if err != nil || len(report.Applied) != way.steps || report.End != way.to {
			t.Fatalf("to %s: %s, %v", way.to, reported(report), err)
		}
		k.holds("a", way.holds...)
		k.stands(way.to)
	}
	want := []string{"initial>one", "one>two", "two>three", "three>two", "two>one", "one>two", "two>one", "one>initial"}
	if told := k.told(); !slices.Equal(told, want) {
		t.Errorf("recorded as %q, want %q", told, want)
	}
	k.unrecorded()
}

// revisionsFail: of a plan that fails nothing is left, where the database can
// commit all of it at once; elsewhere the steps before the one that failed.
func (s *suite) revisionsFail(t *testing.T) {
	k := s.keep(t, migration.Revisions)
	all := s.edges(t, s.script(s.Scripts.Insert("a", 3), s.Scripts.Failing), s.inserts(2))
	report, err := k.reach(t.Context(), all, plan.Towards("three"))
	if err == nil || report.Failed == nil || report.Failed.To != "three" {
		t.Errorf("up: %s, %v", reported(report), err)
	}
	if atomic, can := k.books.(backend.Atomic); can && atomic.Atomic() {
		k.holds("a")
		k.stands(migration.Initial.State())
		if len(report.Applied) > 0 || report.End != migration.Initial.State() {
			t.Errorf("reported: %s", reported(report))
		}
	} else {
		k.stands("two")
	}
	mended := s.edges(t, s.script(s.Scripts.Insert("a", 3)), s.inserts(2))
	if s.Failure == Progress {
		return // what is left of the file is gone on with only if it is unchanged up to there
	}
	if _, err := k.reach(t.Context(), mended, plan.Towards("three")); err != nil {
		t.Errorf("up, mended: %v", err)
	}
	k.holds("a", 1, 2, 3)
}

// revisionsMoved: a step that another tool has recorded meanwhile stops the run.
func (s *suite) revisionsMoved(t *testing.T) {
	if !s.shared() {
		t.Skip("nobody else can reach the database")
	}
	k := s.keep(t, migration.Revisions)
	all := s.edges(t, s.script(s.Scripts.Insert("a", 3)), s.inserts(2))
	if _, err := k.reach(t.Context(), all, plan.Towards("one")); err != nil {
		t.Fatal(err)
	}
	session, err := k.books.Session(t.Context(), backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := k.planned(t.Context(), session, all, plan.Towards("two"), false)
	if err != nil {
		t.Fatal(err)
	}
	s.Exec(t, k.Database, "INSERT INTO migrations (from_revision, to_revision) VALUES ('one', 'theirs');\n")
	w := work(p.Steps[0])
	w.Entry.Kind = k.kind
	_, err = session.Apply(t.Context(), w)
	fails(t, "Apply when another tool has recorded a step", err, migration.ErrMoved)
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	k.holds("a", 1)
	k.stands("theirs")
}
