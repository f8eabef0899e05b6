package backendtest

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
	"github.com/fastmigrate/fastmigrate/source"
)

// moved: a record is a compare-and-set on the version it expects, since other
// tools do not take our lock.
func (s *suite) moved(t *testing.T) {
	d := s.managed(t)
	ctx := t.Context()
	d.mustUp(files{"0001-a.sql": s.table("a", 1)})
	f := files{"0001-a.sql": s.table("a", 1), "0002-b.sql": s.table("b", 1)}
	session, p := d.session(f)
	defer session.Close()
	if s.shared() {
		s.Move(t, d.Database, 9)
	} else {
		p.Steps[0].From = "0"
	}
	_, err := session.Apply(ctx, work(p.Steps[0]))
	fails(t, "Apply when another tool has moved the version", err, migration.ErrMoved)
	fails(t, "Mark when another tool has moved the version", session.Mark(ctx, migration.Entry{
		Kind: migration.Files, From: p.Steps[0].From, To: "2", Name: "0002-b.sql", Status: migration.Marked,
	}), migration.ErrMoved)
	if s.shared() {
		_, err = run.Execute(ctx, session, p, run.Options{})
		fails(t, "Execute of a plan made before", err, migration.ErrStalePlan)
	}
	if err := session.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if s.shared() {
		d.at(9)
	} else {
		d.at(1)
	}
	if s.Failure == Nothing {
		d.lacks("b")
	}
	for _, e := range d.entries() {
		if e.To == "2" && e.Ended() {
			t.Errorf("the history says %+v", e)
		}
	}
}

// session opens a session of the database's first backend, and plans.
func (d *database) session(f files) (backend.Session, plan.Plan) {
	d.t.Helper()
	migrations, err := source.FS(f.folder()).Migrations()
	if err != nil {
		d.t.Fatal(err)
	}
	s, err := d.Backend.Session(d.t.Context(), backend.SessionOptions{})
	if err != nil {
		d.t.Fatalf("Session: %v", err)
	}
	p, err := planned(d.t.Context(), d.Backend, s, migrations, plan.Goal{})
	if err != nil {
		_ = s.Close()
		d.t.Fatalf("plan: %v", err)
	}
	return s, p
}

// work returns a step as a run hands it to a session.
func work(s plan.Step) backend.Work {
	return backend.Work{Step: s.Step, Resume: s.Resume, Entry: migration.Entry{
		Kind: migration.Files, From: s.From, To: s.To, Name: s.File(), Direction: s.Direction,
		Checksum: s.Traits.Checksum, Tool: tool, Host: host,
	}}
}
