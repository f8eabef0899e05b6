// Package stats says in few numbers what several runs took.
package stats

import "slices"

// Summary is the median of several values, and the lowest and the highest.
type Summary struct {
	Median, Low, High float64
	N                 int
}

// Of summarises values, which may come in any order. Of none is the zero
// Summary.
func Of(values []float64) Summary {
	if len(values) == 0 {
		return Summary{}
	}
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return Summary{Median: (v[(n-1)/2] + v[n/2]) / 2, Low: v[0], High: v[n-1], N: n}
}

// Ratio summarises by how much a is b, round by round. What else the machine
// did during a round is the same for both, so that much of it cancels out,
// which it does not in the ratio of two medians. Rounds that only one of the
// two took part in are left out.
func Ratio(a, b []float64) Summary {
	var ratios []float64
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			ratios = append(ratios, a[i]/b[i])
		}
	}
	return Of(ratios)
}
