package backendtest

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
)

// findings: what the history keeps is enough to tell files that were edited,
// that came late, and that are gone.
func (s *suite) findings(t *testing.T) {
	d := s.managed(t)
	f := files{
		"0001-a.sql": s.table("a", 1), "0003-b.sql": s.table("b", 1), "0005-c.sql": s.table("c", 1), "0007-d.sql": s.table("d", 1),
	}
	d.mustUp(f)
	if report := d.mustUp(f.with("0007-d.sql", "\uFEFF"+s.Scripts.CreateTable("d")+s.Scripts.Terminator+"\r\n"+s.Scripts.Insert("d", 1)+s.Scripts.Terminator+"\r")); len(report.Findings) > 0 {
		t.Errorf("other line ends are told as %v", report.Findings)
	}
	odd := f.with("0003-b.sql", s.table("b", 1, 2)).with("0004-late.sql", s.table("late")).without("0005-c.sql")
	report := d.mustUp(odd)
	if len(report.Applied) > 0 {
		t.Errorf("applied %s", reported(report))
	}
	got := map[migration.Code]string{}
	for _, finding := range report.Findings {
		got[finding.Code] = finding.File
	}
	want := map[migration.Code]string{migration.CodeEdited: "0003-b.sql", migration.CodeLate: "0004-late.sql", migration.CodeMissing: "0005-c.sql"}
	if len(d.entries()) == 0 && !s.history() {
		want = nil // what is not recorded is not told
	}
	for code, file := range want {
		if got[code] != file {
			t.Errorf("finding %q is about %q, want %q; all: %v", code, got[code], file, report.Findings)
		}
	}
	if len(report.Findings) != len(want) {
		t.Errorf("findings %v, want %d", report.Findings, len(want))
	}
	d.lacks("late")
}
