package report

import (
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/stats"
)

// table writes a Markdown table. All but the first column stands to the right.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(head)
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---:"
	}
	rule[0] = "---"
	line(rule)
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// Case writes the table of one case.
func Case(c race.Result) string {
	head := []string{"", "time", "range", "CPU", "peak memory", "runs"}
	if c.Inside {
		head = []string{"", "a call", "range", "allocations", "bytes", "runs"}
	}
	against := c.Row(c.Against)
	if against != nil {
		head = append(head[:2:2], append([]string{"of " + c.Against}, head[2:]...)...)
	}
	var rows [][]string
	for _, r := range c.Rows {
		cells := caseCells(c, r)
		if against != nil {
			cells = append(cells[:2:2], append([]string{ratioCell(r, *against)}, cells[2:]...)...)
		}
		rows = append(rows, cells)
	}
	return table(head, rows)
}

func caseCells(c race.Result, r race.Row) []string {
	name := r.Name
	if r.Kind == race.Ours {
		name = "**" + name + "**"
	}
	if len(r.Runs) == 0 {
		return []string{name, outcome(r), "", "", "", ""}
	}
	t := stats.Of(r.Seconds())
	cells := []string{name, seconds(t.Median), span(t)}
	if c.Inside {
		return append(cells, fmt.Sprint(r.Runs[0].Allocs), fmt.Sprint(r.Runs[0].Bytes), fmt.Sprint(t.N))
	}
	var cpu []float64
	for _, run := range r.Runs {
		cpu = append(cpu, run.CPU)
	}
	return append(cells, seconds(stats.Of(cpu).Median), megabytes(r.Peak()), fmt.Sprint(t.N))
}

// outcome says what came of a contender that has no time.
func outcome(r race.Row) string {
	switch {
	case r.Less:
		return fmt.Sprintf("over %d s with less to do", r.Over)
	case r.Over > 0:
		return fmt.Sprintf("over %d s", r.Over)
	case r.Failed != "":
		first, _, _ := strings.Cut(r.Failed, "\n")
		return "failed: " + strings.ReplaceAll(first[:min(len(first), 120)], "|", "\\|")
	case r.Cannot != "":
		return r.Cannot
	}
	return "–"
}

// span writes the lowest and the highest.
func span(s stats.Summary) string {
	if s.N < 2 {
		return ""
	}
	return seconds(s.Low) + " – " + seconds(s.High)
}

// ratioCell writes by how much a contender takes longer than another: the
// median of the rounds, and the lowest and the highest.
func ratioCell(r, against race.Row) string {
	if r.Over > 0 && len(against.Runs) > 0 {
		return "> " + digits(float64(r.Over)/stats.Of(against.Seconds()).Median)
	}
	s := stats.Ratio(r.Seconds(), against.Seconds())
	switch s.N {
	case 0:
		return ""
	case 1:
		return digits(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", digits(s.Median), digits(s.Low), digits(s.High))
}

// Short writes the table of all cases: ours beside the limit and the fastest
// peer.
func Short(results []race.Result) string {
	head := []string{"work", "fastmigrate", "pure Go", "the shell", "fastest peer", "ours / shell", "peer / ours"}
	var rows [][]string
	for _, c := range results {
		ours := c.Row(contender.Ours)
		if ours == nil {
			continue
		}
		row := []string{c.Title, timeOf(ours), timeOf(c.Row(contender.OursPure)), "", "", "", ""}
		if against := c.Row(c.Against); against != nil {
			row[3], row[5] = timeOf(against), ratioCell(*ours, *against)
		}
		if peer := Fastest(c); peer != nil {
			row[4], row[6] = timeOf(peer)+" ("+peer.Name+")", ratioCell(*peer, *ours)
		} else if over := Over(c); over > 0 && len(ours.Runs) > 0 {
			row[4], row[6] = fmt.Sprintf("over %d s", over), "> "+digits(float64(over)/stats.Of(ours.Seconds()).Median)
		}
		rows = append(rows, row)
	}
	return table(head, rows)
}

func timeOf(r *race.Row) string {
	switch {
	case r == nil:
		return ""
	case len(r.Runs) == 0:
		return outcome(*r)
	}
	return seconds(stats.Of(r.Seconds()).Median)
}
