package backendtest

import (
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// records: the history says of each migration what was done, when and by whom.
func (s *suite) records(t *testing.T) {
	d := s.managed(t)
	f := files{"0001-a.sql": s.table("a", 1), "0005-b.sql": "\uFEFF" + s.script(s.Scripts.Insert("a", 2)) + "\r\n"}
	began := time.Now().Add(-time.Hour) // the database's clock may not be ours
	report := d.mustUp(f)
	for _, applied := range report.Applied {
		if applied.Result.Duration < 0 {
			t.Errorf("%s took %v", applied.Step.File(), applied.Result.Duration)
		}
	}
	if !s.history() {
		return
	}
	entries := d.entries()
	if len(entries) != len(report.Applied) {
		t.Fatalf("%d entries for %d migrations", len(entries), len(report.Applied))
	}
	for i, e := range entries {
		step := report.Applied[i].Step
		sum, _, err := migration.Sum(step.Body())
		if err != nil {
			t.Fatal(err)
		}
		want := migration.Entry{
			Kind: migration.Files, From: step.From, To: step.To, Name: step.File(), Direction: migration.Up,
			Status: migration.Applied, Checksum: sum, Tool: tool, Host: host,
		}
		got := migration.Entry{
			Kind: e.Kind, From: e.From, To: e.To, Name: e.Name, Direction: e.Direction,
			Status: e.Status, Checksum: e.Checksum, Tool: e.Tool, Host: e.Host, Error: e.Error,
		}
		if got != want {
			t.Errorf("entry %d\n got %+v\nwant %+v", i, got, want)
		}
		checkTimes(t, e, began)
		if i > 0 && e.ID <= entries[i-1].ID || e.ID == 0 {
			t.Errorf("entry %d has the id %d", i, e.ID)
		}
	}
}

// checkTimes fails the test where an entry's times can't be true.
func checkTimes(t *testing.T, e migration.Entry, began time.Time) {
	t.Helper()
	switch late := time.Now().Add(time.Hour); {
	case e.StartedAt.Before(began) || e.StartedAt.After(late):
		t.Errorf("%s was started at %v", e.Name, e.StartedAt)
	case e.FinishedAt.Before(e.StartedAt) || e.FinishedAt.After(late):
		t.Errorf("%s was started at %v and finished at %v", e.Name, e.StartedAt, e.FinishedAt)
	case e.StartedAt.Location() != time.UTC || e.FinishedAt.Location() != time.UTC:
		t.Errorf("%s has times that are not in UTC: %v, %v", e.Name, e.StartedAt, e.FinishedAt)
	case e.Duration < 0 || e.Duration > time.Hour:
		t.Errorf("%s took %v", e.Name, e.Duration)
	}
}
