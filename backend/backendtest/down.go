package backendtest

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// undoable is a folder in which each migration has a rollback script.
func (s *suite) undoable() files {
	return files{
		"0001-a.sql": s.table("a", 1), "rollback/0001-a.sql": s.script(s.Scripts.DropTable("a")),
		"0002-b.sql": s.table("b", 2), "rollback/0002-b.sql": s.script(s.Scripts.DropTable("b")),
		"0005-c.sql": s.table("c", 3), "rollback/0005-c.sql": s.script(s.Scripts.DropTable("c")),
	}
}

// downTo takes migrations back.
func (d *database) downTo(f files, v migration.Version) (*run.Report, error) {
	d.t.Helper()
	return migrate(d.t.Context(), d.again(), f.folder(), request{goal: plan.DownTo(v)})
}

// down: up and then down restores what was there, and the way up is open again.
func (s *suite) down(t *testing.T) {
	d := s.managed(t)
	f := s.undoable()
	d.mustUp(f)
	report, err := d.downTo(f, 1)
	if err != nil || report.End != "1" || len(report.Applied) != 2 {
		t.Fatalf("down to 1: %s, %v", reported(report), err)
	}
	d.at(1)
	d.holds("a", 1)
	d.lacks("b")
	d.lacks("c")
	if s.history() {
		entries := d.entries()
		if len(entries) != 5 {
			t.Fatalf("%d entries, want 5", len(entries))
		}
		e := entries[3]
		if e.Direction != migration.Down || e.From != "5" || e.To != "2" || e.Name != "0005-c.sql" || e.Status != migration.Applied {
			t.Errorf("the first step down is recorded as %+v", e)
		}
	}
	d.mustUp(f)
	d.holds("b", 2)
	d.holds("c", 3)
	if report, err := d.downTo(f, 0); err != nil || report.End != "0" {
		t.Errorf("down to 0: %s, %v", reported(report), err)
	}
	d.at(0)
	for _, table := range []string{"a", "b", "c"} {
		d.lacks(table)
	}
	d.mustUp(f)
	d.at(5)
	d.holds("c", 3)
}

// downFails: a rollback script that fails leaves the version where it is.
func (s *suite) downFails(t *testing.T) {
	d := s.managed(t)
	f := s.undoable()
	d.mustUp(f)
	broken := f.with("rollback/0002-b.sql", s.script(s.Scripts.Failing, s.Scripts.DropTable("b")))
	report, err := d.downTo(broken, 0)
	d.placed(err, "0002-b.sql", 1, s.Scripts.Failing)
	if len(report.Applied) != 1 || report.End != "2" {
		t.Errorf("down with a script that fails: %s", reported(report))
	}
	d.at(2)
	d.holds("a", 1)
	d.holds("b", 2)
	d.lacks("c")
	if _, err := d.downTo(f, 0); err != nil {
		t.Errorf("down once it is mended: %v", err)
	}
	d.at(0)
	d.lacks("b")
}
