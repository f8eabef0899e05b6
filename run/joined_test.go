package run_test

import (
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/run"
)

// joiner is a session that takes up to three steps together, each in a
// transaction of its own.
type joiner struct{ grouper }

func (j *joiner) Joins(before []backend.Work, next backend.Work) bool {
	return len(before) < 3 && next.Step.Body().Kind() == migration.KindSQL && before[0].Step.Body().Kind() == migration.KindSQL
}

// Steps with transactions of their own are handed over together where the
// session asks for that, and one by one where it does not.
func TestJoined(t *testing.T) {
	p := makePlan(1, 2, 3, 4, -5, 6)
	for i := range p.Steps {
		if p.Steps[i].Transaction > 0 {
			p.Steps[i].Transaction = i + 1
		}
	}
	var lines []string
	s := &joiner{grouper{session{at: "0"}}}
	report, err := run.Execute(t.Context(), s, p, run.Options{OnEvent: told(&lines)})
	if err != nil || len(report.Applied) != 6 {
		t.Fatalf("%v, %d applied", err, len(report.Applied))
	}
	var groups []string
	for _, line := range s.log {
		if strings.HasPrefix(line, "group") {
			groups = append(groups, line)
		}
	}
	if got := strings.Join(groups, ", "); got != "group of 3" {
		t.Errorf("%s", got)
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{"Started 1 true\nStarted 2 true\nStarted 3 true\nApplied 1\nFound about 1\nApplied 2\nFound about 2\nApplied 3\nFound about 3\nStarted 4 false\nApplied 4\nFound about 4\nStarted 5 false", "Started 6 false"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}
