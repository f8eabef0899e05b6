package report

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/stats"
)

// verdict fills a target in.
func verdict(text, want, got string, held bool) Target {
	state := "held"
	if !held {
		state = "**missed**"
	}
	return Target{text, want, got, state}
}

func unknown(text, want string) Target { return Target{text, want, "–", "not measured"} }

// ratioTarget compares our program with another contender, or with the fastest
// peer where against is "".
func ratioTarget(r *Report, text, name, against string, most float64) Target {
	want := "≤ " + digits(most)
	result := r.Result(name)
	if result == nil {
		return unknown(text, want)
	}
	ours, other := result.Row(contender.Ours), result.Row(against)
	more := ""
	if against == "" {
		other = Fastest(*result)
		if other != nil {
			more = ", " + other.Name
		} else if over := Over(*result); ours != nil && len(ours.Runs) > 0 && over > 0 {
			got := stats.Of(ours.Seconds()).Median / float64(over)
			return verdict(text, want, "< "+digits(got)+fmt.Sprintf(" (all peers over %d s)", over), got <= most)
		}
	}
	if ours == nil || other == nil || len(ours.Runs) == 0 || len(other.Runs) == 0 {
		return unknown(text, want)
	}
	got := stats.Ratio(ours.Seconds(), other.Seconds())
	return verdict(text, want, fmt.Sprintf("%s (%s–%s%s)", digits(got.Median), digits(got.Low), digits(got.High), more), got.Median <= most)
}

// Fastest returns the fastest peer of a case, nil where none came to its end.
func Fastest(result race.Result) *race.Row {
	var best *race.Row
	for i := range result.Rows {
		row := &result.Rows[i]
		if row.Kind == race.Peer && len(row.Runs) > 0 &&
			(best == nil || stats.Of(row.Seconds()).Median < stats.Of(best.Seconds()).Median) {
			best = row
		}
	}
	return best
}

// Over returns after how many seconds the first peer was ended, 0 where none
// was.
func Over(result race.Result) int {
	for _, row := range result.Rows {
		if row.Kind == race.Peer && row.Over > 0 {
			return row.Over
		}
	}
	return 0
}

func memoryTarget(r *Report, text, name string, most int64) Target {
	want := "≤ " + megabytes(most)
	result := r.Result(name)
	if result == nil || result.Row(contender.Ours) == nil || len(result.Row(contender.Ours).Runs) == 0 {
		return unknown(text, want)
	}
	peak := result.Row(contender.Ours).Peak()
	return verdict(text, want, megabytes(peak), peak <= most)
}

// flatTarget compares the peak memory of the largest script with that of the
// smallest from 16 MB on, where all that is kept is kept in full.
func flatTarget(r *Report) Target {
	const text, want = "script, peak memory of the largest against that of 16 MB", "≤ 1.10"
	small, large := r.Result("script-16"), (*race.Result)(nil)
	for i := range r.Results {
		if c := &r.Results[i]; c.Family == "script" && (large == nil || c.X > large.X) {
			large = c
		}
	}
	if small == nil || large == nil || large.X <= small.X {
		return unknown(text, want)
	}
	a, b := large.Row(contender.Ours), small.Row(contender.Ours)
	if a == nil || b == nil || a.Peak() == 0 || b.Peak() == 0 {
		return unknown(text, want)
	}
	got := float64(a.Peak()) / float64(b.Peak())
	return verdict(text, want, digits(got), got <= 1.1)
}

func insideTarget(r *Report) Target {
	const text, want = "`Up` with nothing pending, 1,000 embedded files", "< 300 µs"
	result := r.Result("inside-1000")
	if result == nil || result.Row(contender.Ours) == nil || len(result.Row(contender.Ours).Runs) == 0 {
		return unknown(text, want)
	}
	got := stats.Of(result.Row(contender.Ours).Seconds()).Median
	return verdict(text, want, seconds(got), got < 300e-6)
}

func sizeTarget(r *Report) Target {
	const text, want = "the binary", "< 25 MB"
	for _, s := range r.Sizes {
		if s.Name == contender.Ours {
			return verdict(text, want, megabytes(s.Bytes), s.Bytes < 25e6)
		}
	}
	return unknown(text, want)
}
