package suite

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/bench/internal/chart"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/report"
)

// Page and Folder are where the results stand below docs, and Results what has all
// of them, in the folder.
const (
	Page    = "BENCHMARKS.md"
	Folder  = "benchmarks"
	Results = "results.json"
)

// Write writes the page, its charts and the results in full below docs. What an
// earlier run left there is removed.
func Write(r *report.Report, docs string) error {
	folder := filepath.Join(docs, Folder)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	pictures, err := draw(r, folder)
	if err != nil {
		return err
	}
	if err := r.Save(filepath.Join(folder, Results)); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(docs, Page), []byte(report.Page(r, Folder, pictures)), 0o644)
}

// draw draws the charts of each workload, and returns their names.
func draw(r *report.Report, folder string) (map[string][]string, error) {
	pictures := map[string][]string{}
	add := func(w report.Workload, name string, paint func(*bytes.Buffer) error) error {
		var b bytes.Buffer
		if err := paint(&b); err != nil {
			return err
		}
		pictures[w.Name] = append(pictures[w.Name], name+".svg")
		return os.WriteFile(filepath.Join(folder, name+".svg"), b.Bytes(), 0o644)
	}
	for _, w := range r.Workloads {
		for _, family := range families(r.Of(w)) {
			if w.Axis != "" && len(family) > 1 {
				title := fmt.Sprintf("%s: time", w.Title)
				err := add(w, family[0].Family, func(b *bytes.Buffer) error {
					return chart.Lines(b, title, w.Axis, family, chart.Seconds)
				})
				if err != nil {
					return nil, err
				}
				if w.Name != "script" && w.Name != "small" {
					continue
				}
				title = fmt.Sprintf("%s: peak memory", w.Title)
				err = add(w, family[0].Family+"-memory", func(b *bytes.Buffer) error {
					return chart.Lines(b, title, w.Axis, family, chart.Memory)
				})
				if err != nil {
					return nil, err
				}
				continue
			}
			for _, c := range family {
				if timed(c) && w.Axis == "" {
					if err := add(w, c.Name, func(b *bytes.Buffer) error { return chart.Bars(b, c.Title, c, chart.Seconds) }); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	return pictures, nil
}

// families returns the results with those of a family together, in order.
func families(results []race.Result) [][]race.Result {
	var all [][]race.Result
	at := map[string]int{}
	for _, c := range results {
		i, ok := at[c.Family]
		if !ok {
			i = len(all)
			at[c.Family] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], c)
	}
	return all
}

func timed(c race.Result) bool {
	for _, r := range c.Rows {
		if len(r.Runs) > 0 {
			return true
		}
	}
	return false
}
