package race

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
)

// Run lets the entrants of a case run in turns, each time on a fresh state, so
// that what else the machine does hits all of them alike. Who begins changes
// with the round. An entrant that fails is reported, and ends nothing; an error
// is what the suite itself could not do.
func Run(ctx context.Context, l measure.Launcher, c Case, o Options) (Result, error) {
	result := Result{Name: c.Name, Title: c.Title, Family: c.Family, X: c.X, Against: c.Against, Inside: c.Inside}
	for _, e := range c.Entrants {
		result.Rows = append(result.Rows, Row{Name: e.Name, Kind: e.Kind, Cannot: e.Cannot, Over: e.Over, Less: e.Over > 0})
	}
	for round := range o.Rounds {
		if round > 0 && took(result, o) > o.Budget {
			break
		}
		for i := range c.Entrants {
			n := (i + round) % len(c.Entrants)
			row := &result.Rows[n]
			if out(*row, result, o) {
				continue
			}
			if err := once(ctx, l, c, c.Entrants[n], row, o); err != nil {
				return result, fmt.Errorf("%s: %s: %w", c.Name, row.Name, err)
			}
			o.tell(c, *row)
		}
	}
	return result, nil
}

// took returns how long those have run that go on running, without what
// prepares them.
func took(r Result, o Options) time.Duration {
	var all time.Duration
	for _, row := range r.Rows {
		if !out(row, r, o) {
			for _, lap := range row.Runs {
				all += lap.wall
			}
		}
	}
	return all
}

// out says whether a contender takes no further part.
func out(r Row, of Result, o Options) bool {
	if r.Cannot != "" || r.Over != 0 || r.Failed != "" {
		return true
	}
	if len(r.Runs) == 0 {
		return false
	}
	first := r.Runs[0].Seconds
	return first > o.Slow.Seconds() || o.Behind > 0 && first > o.Behind.Seconds() && first > 5*fastest(of)
}

// fastest returns the shortest of the first runs, in seconds.
func fastest(r Result) float64 {
	least := math.Inf(1)
	for _, row := range r.Rows {
		if len(row.Runs) > 0 {
			least = min(least, row.Runs[0].Seconds)
		}
	}
	return least
}

// once prepares and makes one run, and notes what came of it.
func once(ctx context.Context, l measure.Launcher, c Case, e Entrant, row *Row, o Options) error {
	if e.Prepare != nil {
		if err := e.Prepare(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			row.Failed = "prepare: " + err.Error()
			return nil
		}
	}
	u, err := l.Run(ctx, e.Command(), o.Limit)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil && u.Over {
		row.Over = int(o.Limit.Seconds())
		return nil
	}
	var lap Lap
	if err == nil {
		lap, err = lapOf(c, u)
	}
	if err == nil && len(row.Runs) == 0 && e.Check != nil {
		err = e.Check(ctx)
	}
	if err != nil {
		row.Failed = brief(err)
		return nil
	}
	row.Runs = append(row.Runs, lap)
	return nil
}

// lapOf returns what is kept of a run.
func lapOf(c Case, u measure.Usage) (Lap, error) {
	if !c.Inside {
		return Lap{Seconds: u.Wall.Seconds(), CPU: (u.User + u.System).Seconds(), Peak: u.Peak, wall: u.Wall}, nil
	}
	var in Inside
	if err := json.Unmarshal([]byte(u.Output), &in); err != nil {
		return Lap{}, fmt.Errorf("the program printed %q: %w", u.Output, err)
	}
	return Lap{Seconds: float64(in.Nanoseconds) / 1e9, Allocs: in.Allocs, Bytes: in.Bytes, wall: u.Wall}, nil
}

func (o Options) tell(c Case, r Row) {
	if o.Tell == nil {
		return
	}
	switch {
	case r.Failed != "":
		o.Tell("  %-28s %-26s failed: %s", c.Name, r.Name, strings.ReplaceAll(r.Failed, "\n", " "))
	case r.Over != 0:
		o.Tell("  %-28s %-26s over %d s", c.Name, r.Name, r.Over)
	default:
		o.Tell("  %-28s %-26s %.6f s", c.Name, r.Name, r.Runs[len(r.Runs)-1].Seconds)
	}
}

// scratch is the folder that all that a run needs is in.
var scratch = regexp.MustCompile(`\S*/fastmigrate-bench-\d+/`)

// brief returns what a contender said that failed, without the paths of the run.
// Some say all of the script that they were given.
func brief(err error) string {
	text := scratch.ReplaceAllString(err.Error(), "")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + " …"
	}
	return text
}
