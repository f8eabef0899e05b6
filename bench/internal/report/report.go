// Package report keeps the results of a run, and writes the page about them.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// Report is a run of the suite, and what is kept of earlier ones: all that the
// page is made from.
type Report struct {
	Date      time.Time     `json:"date"`
	Took      float64       `json:"took_seconds"`
	Profile   string        `json:"profile"` // quick or full
	Rounds    int           `json:"rounds"`
	Limit     float64       `json:"limit_seconds"`
	Slow      float64       `json:"slow_seconds"`
	Behind    float64       `json:"behind_seconds"`
	Machine   Machine       `json:"machine"`
	Versions  []Version     `json:"versions"`
	Sizes     []Size        `json:"sizes"`
	Entrants  []Entrant     `json:"contenders"`
	Absent    []Absent      `json:"absent"`
	Workloads []Workload    `json:"workloads"`
	Results   []race.Result `json:"results"`
	Earlier   []Earlier     `json:"earlier,omitempty"` // runs that some of the results are of
}

// Version is that of something that took part.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Size is that of a program, in bytes.
type Size struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// Entrant says what a contender is and does.
type Entrant struct {
	Name string    `json:"name"`
	On   string    `json:"on"` // the database
	Kind race.Kind `json:"kind"`
	How  string    `json:"how"`
}

// Absent says why a contender took no part.
type Absent struct {
	Name string `json:"name"`
	On   string `json:"on"`
	Why  string `json:"why"`
}

// Workload is the heading of the results of one kind of work.
type Workload struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Text  string   `json:"text"`
	Axis  string   `json:"axis,omitempty"`
	Cases []string `json:"cases"` // the names of its results
}

// Result returns the result of a case, nil where there is none.
func (r *Report) Result(name string) *race.Result {
	for i := range r.Results {
		if r.Results[i].Name == name {
			return &r.Results[i]
		}
	}
	return nil
}

// Of returns the results of a workload.
func (r *Report) Of(w Workload) []race.Result {
	var results []race.Result
	for _, name := range w.Cases {
		if result := r.Result(name); result != nil {
			results = append(results, *result)
		}
	}
	return results
}

// Save writes a report as JSON.
func (r *Report) Save(file string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// Load reads what Save has written.
func Load(file string) (*Report, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}
