package backendtest

import (
	"errors"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// state: a database is not managed before Create, stands at version 0 after it,
// and asking changes neither.
func (s *suite) state(t *testing.T) {
	d := s.fresh(t)
	ctx := t.Context()
	if d.Backend.Name() == "" {
		t.Error("the backend has no name")
	}
	for range 2 {
		state, err := d.Backend.State(ctx)
		made := s.Failure == Unknown && err == nil && state == "0" // a hook that reads the version may make the table
		if !made && !errors.Is(err, migration.ErrNoDatabase) && !errors.Is(err, migration.ErrNotManaged) {
			t.Errorf("State before Create: %q, error %v, want one that wraps %q or %q", state, err, migration.ErrNoDatabase, migration.ErrNotManaged)
		}
	}
	if _, err := migrate(ctx, d.Backend, files{"0001-a.sql": s.table("a")}.folder(), request{}); err == nil && s.Failure != Unknown {
		t.Error("a database without a version table was migrated")
	}
	d = s.fresh(t)
	if err := d.Backend.Create(ctx); err != nil {
		t.Fatalf("Create: %v", err)
	}
	if err := d.Backend.Create(ctx); err != nil || s.Failure != Unknown { // hooks do not tell
		fails(t, "Create for the second time", err, migration.ErrManaged)
	}
	d.at(0)
	if entries := d.entries(); len(entries) > 0 {
		t.Errorf("Create wrote a history: %+v", entries)
	}
	session, err := d.Backend.Session(ctx, backend.SessionOptions{})
	if err != nil {
		t.Fatalf("Session: %v", err)
	}
	state, err := session.State(ctx)
	if err != nil || state != "0" {
		t.Errorf("State under the lock: %q, %v", state, err)
	}
	if entries, err := session.History(ctx); err != nil || len(entries) > 0 {
		t.Errorf("History under the lock: %v, %v", entries, err)
	}
	if err := session.Close(); err != nil {
		t.Errorf("Close of the session: %v", err)
	}
}
