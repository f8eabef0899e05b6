package stats_test

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/bench/internal/stats"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   stats.Summary
	}{
		{nil, stats.Summary{}},
		{[]float64{3}, stats.Summary{Median: 3, Low: 3, High: 3, N: 1}},
		{[]float64{9, 1, 5}, stats.Summary{Median: 5, Low: 1, High: 9, N: 3}},
		{[]float64{4, 1, 3, 2}, stats.Summary{Median: 2.5, Low: 1, High: 4, N: 4}},
	} {
		if got := stats.Of(tt.values); got != tt.want {
			t.Errorf("Of(%v) = %+v, want %+v", tt.values, got, tt.want)
		}
	}
	order := []float64{3, 1, 2}
	stats.Of(order)
	if order[0] != 3 {
		t.Error("Of has sorted the caller's values")
	}
}

func TestRatio(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b []float64
		want stats.Summary
	}{
		{"none", nil, []float64{1}, stats.Summary{}},
		// The machine was three times as slow in the second round: no matter.
		{"noise of a round", []float64{2, 6, 2}, []float64{1, 3, 1}, stats.Summary{Median: 2, Low: 2, High: 2, N: 3}},
		{"fewer rounds", []float64{8}, []float64{2, 1, 1}, stats.Summary{Median: 4, Low: 4, High: 4, N: 1}},
		{"nothing to divide by", []float64{8, 8}, []float64{0, 2}, stats.Summary{Median: 4, Low: 4, High: 4, N: 1}},
	} {
		if got := stats.Ratio(tt.a, tt.b); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
