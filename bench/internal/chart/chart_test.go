package chart_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/bench/internal/chart"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// cases grow tenfold each, but for one contender that was ended at the second.
func cases(first float64) []race.Result {
	var all []race.Result
	for i, x := range []float64{first, 10, 100} {
		lap := []race.Lap{{Seconds: 0.01 * (x + 1), Peak: int64(20e6)}}
		c := race.Result{X: x, Rows: []race.Row{
			{Name: "fastmigrate", Kind: race.Ours, Runs: lap}, {Name: "fastmigrate, pure Go", Kind: race.Ours, Runs: lap},
			{Name: "golang-migrate, modernc", Kind: race.Peer, Runs: lap}, {Name: "sqlite3", Kind: race.Limit, Runs: lap},
			{Name: "never", Kind: race.Peer, Over: 20},
		}}
		if i > 0 {
			c.Rows[2] = race.Row{Name: "golang-migrate, modernc", Kind: race.Peer, Over: 20}
		}
		all = append(all, c)
	}
	return all
}

// A chart names those who have times, and only those; a case at 0, which has no
// logarithm, is drawn as well.
func TestCharts(t *testing.T) {
	for name, paint := range map[string]func(*bytes.Buffer) error{
		"logarithmic": func(b *bytes.Buffer) error { return chart.Lines(b, "Work: time", "files", cases(1), chart.Seconds) },
		"linear":      func(b *bytes.Buffer) error { return chart.Lines(b, "Work: memory", "files", cases(0), chart.Memory) },
		"bars":        func(b *bytes.Buffer) error { return chart.Bars(b, "Work", cases(1)[0], chart.Seconds) },
	} {
		var b bytes.Buffer
		if err := paint(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if dir := os.Getenv("CHARTS"); dir != "" { // to look at them
			if err := os.WriteFile(dir+"/"+name+".svg", b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []string{"<svg", ">Work", ">fastmigrate<", ">fastmigrate, pure Go<", ">golang-migrate, modernc<", ">sqlite3<", "Arial"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
		if strings.Contains(b.String(), ">never<") {
			t.Errorf("%s names who has no time", name)
		}
	}
	if err := chart.Bars(&bytes.Buffer{}, "Work", race.Result{}, chart.Seconds); err == nil {
		t.Error("a chart of nothing")
	}
}
