package backendtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/run"
)

// broken is a folder whose second migration fails at its third statement, on
// line 4.
func (s *suite) broken() files {
	return files{
		"0001-a.sql": s.table("a", 1),
		"0002-b.sql": s.Scripts.Comment + " two that work, then one that fails\n" +
			s.script(s.Scripts.CreateTable("b"), s.Scripts.Insert("b", 1), s.Scripts.Failing, s.Scripts.Insert("b", 2)),
		"0003-c.sql": s.table("c", 3),
	}
}

// mended is the same folder with the failing statement made to work.
func (s *suite) mended() files {
	f := s.broken()
	return f.with("0002-b.sql", strings.Replace(f["0002-b.sql"], s.Scripts.Failing, s.Scripts.Insert("b", 7), 1))
}

// failureMidway: what came before the failing migration stays, what comes after
// it is not begun, and the error says where.
func (s *suite) failureMidway(t *testing.T) {
	d := s.managed(t)
	report, err := d.up(s.broken())
	d.placed(err, "0002-b.sql", 4, s.Scripts.Failing)
	if len(report.Applied) != 1 || report.End != "1" || report.Failed == nil || report.Failed.File() != "0002-b.sql" || len(report.Skipped) != 1 {
		t.Errorf("the report says %s", reported(report))
	}
	d.at(1)
	d.holds("a", 1)
	d.lacks("c")
	// The same again, on a backend that has seen it fail.
	_, again := migrate(t.Context(), d.Backend, s.broken().folder(), request{})
	_, third := migrate(t.Context(), d.Backend, s.broken().folder(), request{})
	if again == nil || third == nil {
		t.Errorf("the same run again: %v, and again: %v", again, third)
	}
	d.at(1)
}

// placed fails the test unless the error says where and what failed.
func (d *database) placed(err error, file string, line int, statement string) {
	d.t.Helper()
	var e *migration.Error
	if !errors.As(err, &e) {
		d.t.Fatalf("error %v (%T), want a *migration.Error", err, err)
	}
	if e.Origin.File != file {
		d.t.Errorf("the error is placed at %q, want %s: %v", e.Origin, file, err)
	}
	if !d.history() {
		return // a hook gets the text as a whole and says what it will
	}
	if e.Origin.Line != line {
		d.t.Errorf("the error is placed at %q, want line %d: %v", e.Origin, line, err)
	}
	if !strings.Contains(e.Statement, migration.FirstLine(statement)) {
		d.t.Errorf("the error's statement is %q, want %q", e.Statement, statement)
	}
}

// reported tells what matters of a report.
func reported(r *run.Report) string {
	var b strings.Builder
	b.WriteString("from " + string(r.Start) + " to " + string(r.End))
	for _, a := range r.Applied {
		b.WriteString(", applied " + a.Step.File())
	}
	if r.Failed != nil {
		b.WriteString(", failed " + r.Failed.File())
	}
	for _, s := range r.Skipped {
		b.WriteString(", skipped " + s.File())
	}
	return b.String()
}

// atomicity: of a script that fails either nothing is left, or what the history
// says.
func (s *suite) atomicity(t *testing.T) {
	if s.Failure == Unknown {
		t.Skip("the body and the record are separate")
	}
	d := s.managed(t)
	if _, err := d.up(s.broken()); err == nil {
		t.Fatal("no error")
	}
	d.at(1)
	if s.Failure == Nothing {
		d.lacks("b")
		for _, e := range d.entries() {
			if e.Status == migration.Applied && e.To != "1" || e.SegmentsDone > 0 && e.To == "2" {
				t.Errorf("the history says %+v", e)
			}
		}
		return
	}
	d.holds("b", 1)
	e := d.last()
	if e.Status != migration.Failed || e.SegmentsDone != 2 || e.From != "1" || e.To != "2" || e.Name != "0002-b.sql" || e.Error == "" {
		t.Errorf("the history ends with %+v; want a failed 0002-b.sql with 2 segments done", e)
	}
}

// resume: once the file is mended, the next run finishes; where progress was
// kept, a file whose first part was edited is not gone on with.
func (s *suite) resume(t *testing.T) {
	d := s.managed(t)
	if _, err := d.up(s.broken()); err == nil {
		t.Fatal("no error")
	}
	switch s.Failure {
	case Unknown:
		// What is left is not known: the mended file makes something else.
		d.mustUp(s.broken().with("0002-b.sql", s.table("mended", 1)))
		d.holds("mended", 1)
		d.holds("c", 3)
		d.at(3)
		return
	case Progress:
		edited := s.mended()["0002-b.sql"]
		edited = strings.Replace(edited, s.Scripts.Insert("b", 1), s.Scripts.Insert("b", 5), 1)
		_, err := d.up(s.mended().with("0002-b.sql", edited))
		fails(t, "up with what is done already edited", err, migration.ErrChanged)
		d.at(1)
		d.holds("b", 1)
	}
	d.mustUp(s.mended())
	d.at(3)
	d.holds("a", 1)
	d.holds("b", 1, 2, 7)
	d.holds("c", 3)
	e := d.last()
	if e.To != "3" || e.Status != migration.Applied {
		t.Errorf("the history ends with %+v", e)
	}
	if report := d.mustUp(s.mended()); len(report.Applied) > 0 || len(report.Findings) > 0 {
		t.Errorf("after all that is done: %s, %v", reported(report), report.Findings)
	}
}

// changed: a file that is not the one that was planned is not applied.
func (s *suite) changed(t *testing.T) {
	d := s.managed(t)
	f := files{"0001-a.sql": s.table("a", 1), "0002-b.sql": s.table("b", 1)}
	folder := &changing{FS: f.folder(), file: "0002-b.sql", text: s.table("b", 1, 2)}
	_, err := migrate(t.Context(), d.again(), folder, request{})
	fails(t, "up with a file that changes while it is in use", err, migration.ErrChanged)
	d.at(1)
	if s.Failure == Nothing {
		d.lacks("b")
	}
}
