package backendtest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// order: files run by their numbers, across gaps, and what is no migration is
// passed over.
func (s *suite) order(t *testing.T) {
	d := s.managed(t)
	insert := func(n int) string { return s.script(s.Scripts.Insert("a", n)) }
	f := files{
		"0010-after-a-gap.sql": insert(10), "0002-second.sql": insert(2), "0001-first.sql": s.table("a"),
		"0300-last.sql": insert(300), "README.md": "not a migration", "3-short.sql": insert(3), "0004.sql": insert(4),
	}
	var stood []migration.State
	report, err := migrate(t.Context(), d.again(), f.folder(), request{goal: plan.UpTo(10), events: func(e run.Event) {
		if applied, ok := e.(run.Applied); ok {
			stood = append(stood, applied.Step.From, applied.Step.To)
		}
	}})
	if err != nil {
		t.Fatalf("up to 10: %v", err)
	}
	if want := []migration.State{"0", "1", "1", "2", "2", "10"}; !slices.Equal(stood, want) || report.End != "10" {
		t.Errorf("went %q to %q, want %q", stood, report.End, want)
	}
	d.at(10)
	d.holds("a", 2, 10)
	d.mustUp(f)
	d.at(300)
	d.holds("a", 2, 10, 300)
}

// oddNames: any name that a file may have is recorded as it is.
func (s *suite) oddNames(t *testing.T) {
	d := s.managed(t)
	names := []string{
		"0001-.sql", "0002-with spaces .sql", "0003-ünïcödé 名前 🙂.sql", "0004-it's \"quoted\" `so`.sql",
		"0005-a;DROP TABLE a;--.sql", `0006-100% ? $1 :x @y \ .sql`, "0007-.sql.sql", "0008--- comment.sql",
	}
	f := files{}
	for i, name := range names {
		f[name] = s.table(fmt.Sprintf("t%d", i+1), i+1)
	}
	d.mustUp(f)
	d.at(8)
	for i := range names {
		d.holds(fmt.Sprintf("t%d", i+1), i+1)
	}
	if !s.history() {
		return
	}
	entries := d.entries()
	if len(entries) != len(names) {
		t.Fatalf("%d entries, want %d", len(entries), len(names))
	}
	for i, e := range entries {
		if e.Name != names[i] {
			t.Errorf("entry %d has the name %q, want %q", i, e.Name, names[i])
		}
	}
}

// oddTexts: scripts that are empty, that only have comments, and that come from
// other systems' editors.
func (s *suite) oddTexts(t *testing.T) {
	d := s.managed(t)
	comment := s.Scripts.Comment + " "
	d.mustUp(files{
		"0001-empty.sql":     "",
		"0002-comment.sql":   comment + "nothing to do",
		"0003-crlf.sql":      "\uFEFF" + comment + "a mark in front\r\n" + s.Scripts.CreateTable("a") + s.Scripts.Terminator + "\r\n\r\n" + s.Scripts.Insert("a", 1) + s.Scripts.Terminator + "\r\n",
		"0004-no-end.sql":    s.Scripts.Insert("a", 2) + s.Scripts.Terminator,
		"0005-unicode.sql":   comment + "ünïcödé 名前 🙂 'it''s'\n" + s.Scripts.Insert("a", 3) + s.Scripts.Terminator + "\n",
		"0006-blank.sql":     " \n\t\n",
		"0007-long-line.sql": comment + string(make70k()) + "\n" + s.Scripts.Insert("a", 4) + s.Scripts.Terminator + "\n",
	})
	d.at(7)
	d.holds("a", 1, 2, 3, 4)
}

// make70k returns a line longer than the buffers that lines are often read
// into.
func make70k() []byte { return []byte(fmt.Sprintf("%070000d", 0)) }

// appliedOnce: a run with nothing to do does nothing.
func (s *suite) appliedOnce(t *testing.T) {
	d := s.managed(t)
	f := files{"0001-a.sql": s.table("a", 1), "0002-b.sql": s.script(s.Scripts.Insert("a", 2))}
	if report := d.mustUp(f); len(report.Applied) != 2 || report.Start != "0" || report.End != "2" {
		t.Errorf("the first run applied %d from %q to %q", len(report.Applied), report.Start, report.End)
	}
	before := d.entries()
	if report := d.mustUp(f); len(report.Applied) != 0 || report.End != "2" || len(report.Findings) > 0 {
		t.Errorf("the second run applied %d to %q, with %v", len(report.Applied), report.End, report.Findings)
	}
	d.mustUp(f.with("0003-c.sql", s.script(s.Scripts.Insert("a", 3))))
	d.holds("a", 1, 2, 3)
	if after := d.entries(); s.history() && (len(before) != 2 || len(after) != 3) {
		t.Errorf("%d entries, then %d; want 2, then 3", len(before), len(after))
	}
}
