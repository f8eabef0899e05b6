package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// Earlier is a run of which some cases are kept.
type Earlier struct {
	Date    time.Time `json:"date"`
	Profile string    `json:"profile"`
	Load    float64   `json:"load"`
	Program string    `json:"program"` // the version of ours
	Cases   []string  `json:"cases"`
}

// Add adds to a report the cases of an earlier one on the same kind of machine
// that it has no results of. Ratios are those within a case, and so within a run.
func (r *Report) Add(old *Report) error {
	if old.Machine.CPU != r.Machine.CPU || old.Machine.Cores != r.Machine.Cores {
		return fmt.Errorf("the results that are there come from another machine: %s, %d cores", old.Machine.CPU, old.Machine.Cores)
	}
	runs := append(slices.Clone(old.Earlier), Earlier{Date: old.Date, Profile: old.Profile, Load: old.Machine.Load, Program: old.program()})
	kept := make([][]string, len(runs)) // the cases of each
	for _, result := range old.Results {
		if r.Result(result.Name) != nil {
			continue
		}
		r.Results = append(r.Results, result)
		i := slices.IndexFunc(old.Earlier, func(e Earlier) bool { return slices.Contains(e.Cases, result.Name) })
		if i < 0 {
			i = len(old.Earlier)
		}
		kept[i] = append(kept[i], result.Name)
	}
	for i, run := range runs {
		if run.Cases = kept[i]; len(run.Cases) > 0 {
			r.Earlier = append(r.Earlier, run)
		}
	}
	r.headings(old.Workloads)
	return nil
}

// headings puts the workloads of both reports into the order of the longer list,
// each with the cases that there are of it.
func (r *Report) headings(old []Workload) {
	order, more := old, r.Workloads
	if len(more) > len(order) {
		order, more = more, order
	}
	all := slices.Clone(order)
	for _, w := range more {
		i := slices.IndexFunc(all, func(o Workload) bool { return o.Name == w.Name })
		if i < 0 {
			all = append(all, w)
			continue
		}
		for _, name := range w.Cases {
			if !slices.Contains(all[i].Cases, name) {
				all[i].Cases = append(slices.Clone(all[i].Cases), name)
			}
		}
	}
	families := map[string]int{}
	for _, w := range all {
		for _, c := range r.Of(w) {
			if _, ok := families[c.Family]; !ok {
				families[c.Family] = len(families)
			}
		}
	}
	less := func(a, b race.Result) int {
		return cmp.Or(cmp.Compare(families[a.Family], families[b.Family]), cmp.Compare(a.X, b.X))
	}
	slices.SortStableFunc(r.Results, less)
	for i, w := range all {
		results := r.Of(w)
		slices.SortStableFunc(results, less)
		all[i].Cases = nil
		for _, c := range results {
			all[i].Cases = append(all[i].Cases, c.Name)
		}
	}
	r.Workloads = all
}

// program returns the version of ours that took part.
func (r *Report) program() string {
	for _, v := range r.Versions {
		if v.Name == "fastmigrate" {
			return v.Version
		}
	}
	return ""
}
