// Package race lets contenders do the same work in turns.
package race

import (
	"context"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
)

// Kind says what a contender is to us.
type Kind string

// The kinds of contender.
const (
	Ours  Kind = "ours"
	Peer  Kind = "peer"  // what a user would pick instead
	Limit Kind = "limit" // the database's own shell, which does only the work
)

// Case is one piece of work that several contenders do.
type Case struct {
	Name   string  // as in "small-1000", unique
	Title  string  // as in "1,000 small migrations"
	Family string  // the workload it belongs to
	X      float64 // what grows within the family
	// Against names the entrant that ratios are against. Empty means none.
	Against string
	// Inside says that the programs measure themselves and print one line of
	// JSON, see [Inside]; the process around it counts for nothing.
	Inside   bool
	Entrants []Entrant
	// Close frees what the case holds. It may be nil.
	Close func() error
}

// Entrant is a contender in one case.
type Entrant struct {
	Name string
	Kind Kind
	// Cannot says why it does not take part. Empty means that it does.
	Cannot string
	// Over says that it was ended after so many seconds when there was less to
	// do: it is not run again. 0 means that it was not.
	Over int
	// Prepare makes a fresh state for the next run. It is not measured. It may
	// be nil.
	Prepare func(ctx context.Context) error
	Command func() measure.Command
	// Check fails where the first run has not done the work. It may be nil.
	Check func(ctx context.Context) error
}

// Result is what came of a case.
type Result struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Family  string  `json:"family"`
	Against string  `json:"against,omitempty"`
	X       float64 `json:"x"`
	Inside  bool    `json:"inside,omitempty"`
	Rows    []Row   `json:"rows"`
}

// Row is what came of one contender in a case.
type Row struct {
	Name   string `json:"name"`
	Kind   Kind   `json:"kind"`
	Runs   []Lap  `json:"runs,omitempty"`
	Cannot string `json:"cannot,omitempty"`       // why it took no part
	Over   int    `json:"over_seconds,omitempty"` // it was ended after so long
	Less   bool   `json:"with_less,omitempty"`    // that was when there was less to do
	Failed string `json:"failed,omitempty"`       // what it said
}

// Lap is one measured run. Seconds are those of one call for the cases that are
// measured inside a program.
type Lap struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds,omitempty"`
	Peak    int64   `json:"peak_bytes,omitempty"`
	Allocs  int64   `json:"allocs,omitempty"`
	Bytes   int64   `json:"alloc_bytes,omitempty"`

	wall time.Duration // of the process, whatever Seconds is of
}

// Inside is what a program prints that measures itself.
type Inside struct {
	Nanoseconds int64 `json:"ns"`
	Allocs      int64 `json:"allocs"`
	Bytes       int64 `json:"bytes"`
}

// Options says how often and how long.
type Options struct {
	Rounds int
	// Limit ends a run that takes longer.
	Limit time.Duration
	// Slow is from when on once is enough: a contender that took longer in the
	// first round takes no part in the others.
	Slow time.Duration
	// Behind is from when on once is enough for one that took more than five
	// times as long as the fastest: how far behind it is, a second run changes
	// little, and the time is better spent on the others. 0 means never.
	Behind time.Duration
	// Budget is how long the runs of a case may take together, those aside that
	// take no further part: when that is used up, no further round begins.
	Budget time.Duration
	// Tell is called with what happens. It may be nil.
	Tell func(format string, args ...any)
}

// Row returns the row of a contender, nil where it has none.
func (r Result) Row(name string) *Row {
	for i := range r.Rows {
		if r.Rows[i].Name == name {
			return &r.Rows[i]
		}
	}
	return nil
}

// Seconds returns what the runs took.
func (r Row) Seconds() []float64 {
	var s []float64
	for _, run := range r.Runs {
		s = append(s, run.Seconds)
	}
	return s
}

// Peak returns the largest peak of all runs, in bytes.
func (r Row) Peak() int64 {
	var peak int64
	for _, run := range r.Runs {
		peak = max(peak, run.Peak)
	}
	return peak
}
