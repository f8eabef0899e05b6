package backendtest

import (
	"context"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/run"
)

// cancelBetween: a run that is cancelled stops between two statements of a
// script, and what is left is as after any failure.
func (s *suite) cancelBetween(t *testing.T) {
	d := s.managed(t)
	f := files{"0001-a.sql": s.table("a", 1), "0002-long.sql": s.long("b", 500, 4000), "0003-c.sql": s.table("c", 1)}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	folder := &trap{FS: f.folder(), file: "0002-long.sql", spring: cancel}
	report, err := migrate(ctx, d.again(), folder, request{})
	fails(t, "up that is cancelled", err, context.Canceled)
	if at := d.known(); at != report.End {
		t.Errorf("the database stands at %s, and the report says %s", at, reported(report))
	}
	d.lacks("c")
	d.left("b")
	d.mustUp(f)
	d.at(3)
	d.holds("a", 1)
	d.holds("b", first(500)...)
	d.holds("c", 1)
}

// cancelLong: a statement that takes minutes ends when the run is cancelled.
func (s *suite) cancelLong(t *testing.T) {
	if s.Scripts.Slow == nil {
		t.Skip("no statement takes long")
	}
	d := s.managed(t)
	begin := s.script(s.Scripts.CreateTable("b"), s.Scripts.Insert("b", 1))
	f := files{"0001-a.sql": s.table("a", 1), "0002-slow.sql": begin + s.script(s.Scripts.Slow("b")), "0003-c.sql": s.table("c", 1)}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b := d.again()
	report, err := migrate(ctx, b, f.folder(), request{events: func(e run.Event) {
		if started, ok := e.(run.Started); ok && started.Step.File() == "0002-slow.sql" {
			// Long enough for the statement to begin. Should it not have begun,
			// less is tested and nothing fails.
			time.AfterFunc(time.Second, cancel)
		}
	}})
	fails(t, "up that is cancelled in a long statement", err, context.Canceled)
	if at := d.known(); at != report.End {
		t.Errorf("the database stands at %s, and the report says %s", at, reported(report))
	}
	d.lacks("c")
	switch s.Failure {
	case Nothing:
		d.lacks("b")
	case Progress:
		d.holds("b", 1)
		if e := d.last(); e.Status == migration.Applied || e.SegmentsDone != 2 || e.To != "2" {
			t.Errorf("the history ends with %+v", e)
		}
	}
	quick := f.with("0002-slow.sql", begin+s.script(s.Scripts.Insert("b", 2)))
	if s.Failure == Unknown {
		quick = f.with("0002-slow.sql", s.table("mended", 1))
	}
	atOnce := request{session: backend.SessionOptions{LockTimeout: -1}}
	if _, err := migrate(t.Context(), b, quick.folder(), atOnce); err != nil {
		t.Fatalf("up after that, on the same backend: %v", err)
	}
	d.at(3)
	d.holds("a", 1)
	d.holds("c", 1)
	if s.Failure != Unknown {
		d.holds("b", 1, 2)
	}
}

// known returns where a database stands whose run was stopped in its second
// migration, the first of which makes the table a. Where scripts share a
// transaction the first may be gone with it. Record and table must agree.
func (d *database) known() migration.State {
	d.t.Helper()
	at, err := d.again().State(d.t.Context())
	if err != nil {
		d.t.Fatalf("State: %v", err)
	}
	applied := 0
	for _, e := range d.entries() {
		if e.Ended() {
			applied++
		}
	}
	grouping, ok := d.Backend.(backend.Grouping)
	switch {
	case at == "1":
		d.holds("a", 1)
	case at == "0" && ok && grouping.Groups():
		d.lacks("a")
	default:
		d.t.Errorf("the database stands at %s", at)
	}
	if v, _ := at.Version(); d.history() && applied != int(v) {
		d.t.Errorf("the database stands at %s and its history says that %d are applied", at, applied)
	}
	return at
}

// left fails the test unless of a script that was stopped, and that makes the
// table and fills it a number at a time, what should be left is.
func (d *database) left(table string) {
	d.t.Helper()
	switch d.Failure {
	case Nothing:
		d.lacks(table)
	case Progress:
		e := d.last()
		if e.Ended() || e.To != "2" {
			d.t.Errorf("the history ends with %+v, want one that did not end", e)
		}
		switch numbers, there := d.Rows(d.t, d.Database, table); {
		case e.SegmentsDone == 0 && len(numbers) > 0, e.SegmentsDone > 0 && (!there || len(numbers) != e.SegmentsDone-1):
			d.t.Errorf("the history says that %d statements are done, and table %s (there: %v) holds %s",
				e.SegmentsDone, table, there, short(numbers))
		}
	}
}
