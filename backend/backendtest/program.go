package backendtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// programs: an outside program is given the database, and what becomes of it is
// recorded. One that failed is run again.
func (s *suite) programs(t *testing.T) {
	d := s.managed(t)
	trace := filepath.Join(t.TempDir(), "trace")
	note := func(exit int) string {
		return fmt.Sprintf("printf '%%s\\n' \"$1\" >> '%s'\nexit %d\n", trace, exit)
	}
	f := files{"0001-a.sql": s.table("a", 1), "0002-it's a program.sh": note(3), "0003-b.sql": s.table("b", 1)}
	_, err := d.up(f)
	if s.NoPrograms {
		fails(t, "up with an outside program", err, migration.ErrUnsupported)
		d.at(1)
		if n := len(d.entries()); n > 1 {
			t.Errorf("%d entries, want 1", n)
		}
		if _, err := os.Stat(trace); err == nil {
			t.Error("the program was run all the same")
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), "0002-it's a program.sh") {
		t.Errorf("up with a program that fails: %v", err)
	}
	d.at(1)
	if s.history() {
		if e := d.last(); e.Status != migration.Failed || e.Name != "0002-it's a program.sh" || e.Error == "" || e.Tool != tool {
			t.Errorf("the program's failure is recorded as %+v", e)
		}
	}
	d.mustUp(f.with("0002-it's a program.sh", note(0)))
	d.at(3)
	d.holds("b", 1)
	text, err := os.ReadFile(trace)
	if lines := strings.Split(string(text), "\n"); err != nil || len(lines) != 3 || lines[0] == "" || lines[0] != lines[1] {
		t.Errorf("the programs got %q, %v; want the database, twice", text, err)
	}
	if !s.history() {
		return
	}
	entries := d.entries()
	e := entries[len(entries)-2]
	if e.Status != migration.Applied || e.From != "1" || e.To != "2" || e.Checksum == "" || e.FinishedAt.IsZero() {
		t.Errorf("the program is recorded as %+v", e)
	}
}

// programLeft: while an outside program runs it has the database, and we the
// lock. One that was begun and never ended is not run again by itself.
func (s *suite) programLeft(t *testing.T) {
	if s.NoPrograms {
		t.Skip("outside programs can't reach the database")
	}
	d := s.managed(t)
	ctx := t.Context()
	f := files{"0001-left.sh": "exit 0\n", "0002-b.sql": s.table("b", 1)}
	session, p := d.session(f)
	defer session.Close()
	if _, err := session.Begin(ctx, work(p.Steps[0])); err != nil {
		t.Fatalf("Begin: %v", err)
	}
	if s.shared() {
		s.Exec(t, d.Database, s.table("made_by_the_program", 1))
		_, err := d.again().Session(ctx, backend.SessionOptions{LockTimeout: -1})
		fails(t, "a session while an outside program runs", err, migration.ErrBusyRun)
	}
	if err := session.Close(); err != nil {
		t.Errorf("Close without End: %v", err)
	}
	if s.history() {
		if e := d.last(); e.Status != migration.Begun || e.Name != "0001-left.sh" || !e.FinishedAt.IsZero() {
			t.Errorf("a program that was begun is recorded as %+v", e)
		}
		_, err := d.up(f)
		fails(t, "up after a program that never ended", err, migration.ErrUnfinished)
		d.at(0)
	}
	one := migration.Version(1)
	if _, err := migrate(ctx, d.again(), f.folder(), request{goal: plan.Goal{Retry: &one}}); err != nil {
		t.Errorf("up with that program again: %v", err)
	}
	d.at(2)
	d.holds("b", 1)

	// A program that says it has done what another tool undid meanwhile.
	d = s.managed(t)
	if session, p = d.session(f); !s.shared() {
		return
	}
	defer session.Close()
	if _, err := session.Begin(ctx, work(p.Steps[0])); err != nil {
		t.Fatalf("Begin: %v", err)
	}
	s.Move(t, d.Database, 9)
	_, err := session.End(ctx, work(p.Steps[0]), nil)
	fails(t, "End when another tool has moved the version", err, migration.ErrMoved)
	if err := session.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	d.at(9)
}
