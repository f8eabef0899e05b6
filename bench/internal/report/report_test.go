package report_test

import (
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/report"
)

func laps(seconds ...float64) []race.Lap {
	var all []race.Lap
	for _, s := range seconds {
		all = append(all, race.Lap{Seconds: s, CPU: s / 2, Peak: int64(s * 10e6)})
	}
	return all
}

// case1 is a case with every outcome there is.
func case1(name string) race.Result {
	return race.Result{Name: name, Title: "some work", Family: "work", X: 1, Against: "sqlite3", Rows: []race.Row{
		{Name: "fastmigrate", Kind: race.Ours, Runs: laps(1, 3, 2)},
		{Name: "fastmigrate, pure Go", Kind: race.Ours, Failed: "no | pipe\nand more"},
		{Name: "goose, mattn", Kind: race.Peer, Runs: laps(20)},
		{Name: "goose, modernc", Kind: race.Peer, Runs: laps(30, 30, 30)},
		{Name: "golang-migrate, mattn", Kind: race.Peer, Over: 40},
		{Name: "golang-migrate, modernc", Kind: race.Peer, Over: 40, Less: true},
		{Name: "tern", Kind: race.Peer, Cannot: "can't"},
		{Name: "sqlite3", Kind: race.Limit, Runs: laps(0.5, 1, 1)},
	}}
}

func TestCase(t *testing.T) {
	const want = `|  | time | of sqlite3 | range | CPU | peak memory | runs |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| **fastmigrate** | 2.00 s | 2.00 (2.00–3.00) | 1.00 s – 3.00 s | 1.00 s | 30.0 MB | 3 |
| **fastmigrate, pure Go** | failed: no \| pipe |  |  |  |  |  |
| goose, mattn | 20.0 s | 40.0 |  | 10.0 s | 200.0 MB | 1 |
| goose, modernc | 30.0 s | 30.0 (30.0–60.0) | 30.0 s – 30.0 s | 15.0 s | 300.0 MB | 3 |
| golang-migrate, mattn | over 40 s | > 40.0 |  |  |  |  |
| golang-migrate, modernc | over 40 s with less to do | > 40.0 |  |  |  |  |
| tern | can't |  |  |  |  |  |
| sqlite3 | 1.00 s | 1.00 (1.00–1.00) | 500 ms – 1.00 s | 500 ms | 10.0 MB | 3 |
`
	if got := report.Case(case1("x")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCaseInside(t *testing.T) {
	c := race.Result{Inside: true, Rows: []race.Row{
		{Name: "goose", Kind: race.Peer, Runs: []race.Lap{{Seconds: 2.5e-6, Allocs: 7, Bytes: 99}}},
		{Name: "none", Kind: race.Peer, Runs: []race.Lap{{Seconds: 250e-9}}},
	}}
	const want = `|  | a call | range | allocations | bytes | runs |
| --- | ---: | ---: | ---: | ---: | ---: |
| goose | 2.50 µs |  | 7 | 99 | 1 |
| none | 250 ns |  | 0 | 0 | 1 |
`
	if got := report.Case(c); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestShort(t *testing.T) {
	over := race.Result{Title: "peers too slow", Against: "psql", Rows: []race.Row{
		{Name: "fastmigrate", Kind: race.Ours, Runs: laps(2)},
		{Name: "goose", Kind: race.Peer, Over: 20},
		{Name: "psql", Kind: race.Limit, Over: 20},
	}}
	const want = `| work | fastmigrate | pure Go | the shell | fastest peer | ours / shell | peer / ours |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| some work | 2.00 s | failed: no \| pipe | 1.00 s | 20.0 s (goose, mattn) | 2.00 (2.00–3.00) | 20.0 |
| peers too slow | 2.00 s |  | over 20 s | over 20 s |  | > 10.0 |
`
	if got := report.Short([]race.Result{case1("x"), over}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTargets(t *testing.T) {
	slow := case1("script-1000")
	slow.Rows = slow.Rows[:1:1]
	slow.Rows = append(slow.Rows, race.Row{Name: "goose", Kind: race.Peer, Over: 20})
	small, large := case1("script-16"), case1("script-100")
	small.Family, small.X, large.Family, large.X = "script", 16, "script", 100
	large.Rows[0].Runs = laps(3.1)
	r := &report.Report{
		Results: []race.Result{case1("nothing-1000"), case1("nothing-9999"), case1("small-1000"), slow, small, large},
		Sizes:   []report.Size{{Name: "fastmigrate", Bytes: 13e6}},
	}
	got := map[string]string{}
	for _, target := range report.Targets(r) {
		got[target.Text] = strings.Join([]string{target.Want, target.Got, target.State}, "; ")
	}
	for text, want := range map[string]string{
		"nothing to do, 1,000 files, of sqlite3's time":            "≤ 1.30; 2.00 (2.00–3.00); **missed**",
		"nothing to do, 9,999 files, of sqlite3's time":            "≤ 2.50; 2.00 (2.00–3.00); held",
		"1,000 small migrations, of the fastest peer's time":       "≤ 0.10; 0.05 (0.05–0.05, goose, mattn); held",
		"script of 1000 MB, of the fastest peer's time":            "≤ 0.67; < 0.10 (all peers over 20 s); held",
		"script of 100 MB, peak memory":                            "≤ 32.0 MB; 31.0 MB; held",
		"script, peak memory of the largest against that of 16 MB": "≤ 1.10; 1.03; held",
		"PostgreSQL, 500 migrations locally, of psql -1's time":    "≤ 1.00; –; not measured",
		"the binary": "< 25 MB; 13.0 MB; held",
	} {
		if got[text] != want {
			t.Errorf("%s: %q, want %q", text, got[text], want)
		}
	}
}

// A page stands, whatever is missing.
func TestPage(t *testing.T) {
	r := &report.Report{
		Results:   []race.Result{case1("x")},
		Workloads: []report.Workload{{Name: "w", Title: "Work", Text: "What is done.", Cases: []string{"x", "gone"}}, {Title: "None"}},
		Entrants:  []report.Entrant{{Name: "goose", On: "SQLite", Kind: race.Peer, How: "in a program"}},
		Absent:    []report.Absent{{Name: "dbmate", On: "SQLite", Why: "not on the PATH"}},
	}
	page := report.Page(r, "pictures", map[string][]string{"w": {"x.svg"}})
	for _, want := range []string{
		"## Work\n\nWhat is done.\n\n![Work](pictures/x.svg)\n\n### some work\n\n|  | time |",
		"| goose | SQLite | a peer | in a program |\n", "- dbmate (SQLite): not on the PATH\n", "pictures/results.json",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "## None") || strings.Contains(page, "\n\n\n") || strings.Contains(page, "%!") {
		t.Errorf("the page is not well made:\n%s", page)
	}
}
