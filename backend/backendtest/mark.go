package backendtest

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// mark: a version is recorded without running anything, and a run goes on from
// there.
func (s *suite) mark(t *testing.T) {
	d := s.managed(t)
	ctx := t.Context()
	session, err := d.Backend.Session(ctx, backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e := migration.Entry{
		Kind: migration.Files, From: "0", To: "3", Name: "0003-c.sql", Status: migration.Marked, Tool: tool, Host: host,
	}
	if err := session.Mark(ctx, e); err != nil {
		t.Errorf("Mark: %v", err)
	}
	if state, err := session.State(ctx); err != nil || state != "3" {
		t.Errorf("after Mark the session says %q, %v", state, err)
	}
	stale := e
	stale.From, stale.To = "0", "4"
	fails(t, "Mark from a version where the database does not stand", session.Mark(ctx, stale), migration.ErrMoved)
	if err := session.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	d.at(3)
	d.mustUp(files{"0001-a.sql": s.table("a"), "0003-c.sql": s.table("c"), "0004-d.sql": s.table("d", 4)})
	d.lacks("a")
	d.lacks("c")
	d.holds("d", 4)
	if !s.history() {
		return
	}
	entries := d.entries()
	if len(entries) != 2 {
		t.Fatalf("%d entries, want 2", len(entries))
	}
	got := entries[0]
	if got.Status != migration.Marked || got.From != "0" || got.To != "3" || got.Name != e.Name || got.Tool != tool || got.StartedAt.IsZero() {
		t.Errorf("the mark is recorded as %+v", got)
	}
}
