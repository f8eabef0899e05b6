// Package suite runs the workloads, and puts the results where they belong.
package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/program"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/report"
	"github.com/fastmigrate/fastmigrate/bench/internal/workload"
)

// Options says what is run, and how.
type Options struct {
	Profile string // as the page calls the sizes
	Sizes   workload.Sizes
	Race    race.Options
	// Only names the workloads to run. Empty means all.
	Only    []string
	Builder program.Builder // but for Dir
	// Dir is where a folder for all that is needed is made, and removed in the
	// end. Empty means where temporary files are.
	Dir string
}

// Quick is the profile that takes a few minutes.
func Quick() Options {
	return Options{Profile: "quick", Sizes: workload.Quick(), Race: race.Options{
		Rounds: 5, Limit: 20 * time.Second, Slow: 10 * time.Second, Behind: time.Second, Budget: 12 * time.Second,
	}}
}

// Full is the profile that takes an hour or two.
func Full() Options {
	return Options{Profile: "full", Sizes: workload.Full(), Race: race.Options{
		Rounds: 7, Limit: 100 * time.Second, Slow: 30 * time.Second, Behind: 5 * time.Second, Budget: 100 * time.Second,
	}}
}

// Run builds the contenders, lets them run, and returns the report. All that it
// wrote is removed. Beside an error there is a report of what came before, where
// anything did.
func Run(ctx context.Context, o Options) (r *report.Report, err error) {
	began := time.Now()
	dir, err := os.MkdirTemp(o.Dir, "fastmigrate-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	all, err := chosen(workload.All(o.Sizes), o.Only)
	if err != nil {
		return nil, err
	}
	builder := o.Builder
	builder.Dir = filepath.Join(dir, "bin")
	b := &workload.Bench{Dir: dir, Builder: &builder}
	defer func() { err = errors.Join(err, b.Close()) }()
	r = &report.Report{
		Date: began.UTC(), Profile: o.Profile, Rounds: o.Race.Rounds,
		Limit: o.Race.Limit.Seconds(), Slow: o.Race.Slow.Seconds(), Behind: o.Race.Behind.Seconds(),
	}
	if r.Machine, err = report.Here(dir); err != nil {
		return nil, err
	}
	o.say("building the contenders")
	if err := b.Ready(ctx); err != nil {
		return nil, err
	}
	if err := describe(ctx, r, b); err != nil {
		return nil, err
	}
	launch, err := builder.Path(ctx, program.Program{Name: "launch", Package: "launch"})
	if err != nil {
		return nil, err
	}
	for _, w := range all {
		o.say("%s (after %.0f s)", w.Title, time.Since(began).Seconds())
		if err := work(ctx, r, b, w, measure.Launcher{Path: launch}, o.Race); err != nil {
			return r, fmt.Errorf("%s: %w", w.Name, err)
		}
	}
	r.Took = time.Since(began).Seconds()
	return r, nil
}

// work runs the cases of a workload.
func work(ctx context.Context, r *report.Report, b *workload.Bench, w workload.Workload, l measure.Launcher, o race.Options) error {
	told := report.Workload{Name: w.Name, Title: w.Title, Text: w.Text, Axis: w.Axis}
	defer func() { r.Workloads = append(r.Workloads, told) }()
	over := map[string]int{} // who was ended, in which family
	for _, make := range w.Make {
		c, err := make(ctx, b)
		for i := range c.Entrants {
			c.Entrants[i].Over = over[c.Family+"/"+c.Entrants[i].Name]
		}
		var result race.Result
		if err == nil {
			result, err = race.Run(ctx, l, c, o)
		}
		if c.Close != nil {
			err = errors.Join(err, c.Close())
		}
		if err != nil {
			return err
		}
		for _, row := range result.Rows {
			over[result.Family+"/"+row.Name] = row.Over
		}
		told.Cases = append(told.Cases, result.Name)
		r.Results = append(r.Results, result)
	}
	return nil
}

// chosen returns the workloads that were asked for.
func chosen(all []workload.Workload, only []string) ([]workload.Workload, error) {
	if len(only) == 0 {
		return all, nil
	}
	var names []string
	var some []workload.Workload
	for _, w := range all {
		names = append(names, w.Name)
		if slices.Contains(only, w.Name) {
			some = append(some, w)
		}
	}
	for _, name := range only {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("there is no workload %q; there are %q", name, names)
		}
	}
	return some, nil
}

func (o Options) say(format string, args ...any) {
	if o.Race.Tell != nil {
		o.Race.Tell(format, args...)
	}
}
