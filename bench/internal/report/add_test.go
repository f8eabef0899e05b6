package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/report"
)

// A run of some cases takes their place, and leaves the others, which tell of
// which run they are.
func TestAdd(t *testing.T) {
	day := func(n int, version string, results ...race.Result) *report.Report {
		r := &report.Report{
			Date: time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC), Results: results,
			Versions: []report.Version{{Name: "fastmigrate", Version: version}},
		}
		for _, c := range results {
			if n := len(r.Workloads); n == 0 || r.Workloads[n-1].Name != c.Family {
				r.Workloads = append(r.Workloads, report.Workload{Name: c.Family})
			}
			w := &r.Workloads[len(r.Workloads)-1]
			w.Cases = append(w.Cases, c.Name)
		}
		return r
	}
	work := func(family, name string, x float64) race.Result {
		return race.Result{Name: name, Title: name, Family: family, X: x}
	}
	first := day(1, "one", work("small", "small-1", 1), work("small", "small-3", 3), work("script", "script-4", 4), work("many", "many", 0))
	second := day(2, "two", work("script", "script-4", 4), work("script", "script-1000", 1000))
	third := day(3, "three", work("small", "small-1", 1), work("small", "small-2", 2))
	if err := second.Add(first); err != nil {
		t.Fatal(err)
	}
	if err := third.Add(second); err != nil {
		t.Fatal(err)
	}
	var cases, earlier []string
	for _, w := range third.Workloads {
		for _, c := range third.Of(w) {
			cases = append(cases, c.Name)
		}
	}
	for _, e := range third.Earlier {
		earlier = append(earlier, e.Program+": "+strings.Join(e.Cases, " "))
	}
	if got, want := strings.Join(cases, " "), "small-1 small-2 small-3 script-4 script-1000 many"; got != want {
		t.Errorf("the cases are %s, want %s", got, want)
	}
	if got, want := strings.Join(earlier, "; "), "one: small-3 many; two: script-4 script-1000"; got != want {
		t.Errorf("from earlier runs: %s, want %s", got, want)
	}
	if page := report.Page(third, "pictures", nil); !strings.Contains(page, "| from an earlier run | script-4, script-1000: of 2026-11-02 00:00 UTC,") {
		t.Errorf("the page does not say what is of which run:\n%s", page)
	}
	other := day(4, "four")
	other.Machine.Cores = 64
	if err := other.Add(third); err == nil {
		t.Error("results of two machines stand together")
	}
}
