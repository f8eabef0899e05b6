package race_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

var launcher measure.Launcher

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "launch-")
	if err != nil {
		panic(err)
	}
	launcher.Path = filepath.Join(dir, "launch")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", launcher.Path, "../../launch").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// table is a case whose entrants are shell scripts; what they do is noted.
type table struct {
	race.Case
	order []string
}

func (c *table) add(name, script string, more ...func(*race.Entrant)) {
	e := race.Entrant{
		Name: name, Kind: race.Peer,
		Prepare: func(context.Context) error { c.order = append(c.order, name); return nil },
		Command: func() measure.Command { return measure.Command{Args: []string{"sh", "-c", script}} },
	}
	for _, f := range more {
		f(&e)
	}
	c.Entrants = append(c.Entrants, e)
}

func (c *table) run(t *testing.T, o race.Options) race.Result {
	t.Helper()
	r, err := race.Run(t.Context(), launcher, c.Case, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var patient = race.Options{Rounds: 3, Limit: time.Minute, Slow: time.Minute, Budget: time.Minute}

// All take turns, each begins once, and each run starts from a fresh state.
func TestTurns(t *testing.T) {
	c := &table{}
	c.add("a", "true")
	c.add("b", "true")
	c.add("c", "true")
	r := c.run(t, patient)
	if want := strings.Fields("a b c b c a c a b"); !slices.Equal(c.order, want) {
		t.Errorf("the order was %q, want %q", c.order, want)
	}
	for _, row := range r.Rows {
		if len(row.Runs) != 3 || row.Runs[0].Seconds <= 0 || row.Peak() <= 0 {
			t.Errorf("%+v", row)
		}
	}
}

// One that fails, is too slow, or can't, takes no further part; the others go
// on.
func TestOut(t *testing.T) {
	checks := 0
	c := &table{}
	c.add("good", "true", func(e *race.Entrant) { e.Check = func(context.Context) error { checks++; return nil } })
	c.add("fails", "echo sorry >&2; exit 1")
	c.add("lies", "true", func(e *race.Entrant) { e.Check = func(context.Context) error { return errors.New("no table") } })
	c.add("hangs", "sleep 1000")
	c.add("cannot", "true", func(e *race.Entrant) { e.Cannot = "no COPY" })
	c.add("hopeless", "true", func(e *race.Entrant) { e.Over = 20 })
	c.add("unprepared", "true", func(e *race.Entrant) { e.Prepare = func(context.Context) error { return errors.New("no disk") } })
	o := patient
	o.Limit = 2 * time.Second
	r := c.run(t, o)
	if good := r.Row("good"); len(good.Runs) != 3 || checks != 1 {
		t.Errorf("%+v, looked at %d times", good, checks)
	}
	for name, want := range map[string]string{"fails": "exit code 1\nsorry", "lies": "no table", "unprepared": "no disk"} {
		if row := r.Row(name); !strings.Contains(row.Failed, want) || len(row.Runs) != 0 {
			t.Errorf("%+v, want %q", row, want)
		}
	}
	if row := r.Row("hangs"); row.Over != 2 {
		t.Errorf("%+v", row)
	}
	if row := r.Row("hopeless"); row.Over != 20 || !row.Less || len(row.Runs) != 0 {
		t.Errorf("%+v", row)
	}
	if row := r.Row("cannot"); row.Cannot != "no COPY" || len(row.Runs) != 0 {
		t.Errorf("%+v", row)
	}
}

// A slow one runs once, and the rounds end when the time is used up.
func TestPatience(t *testing.T) {
	c := &table{}
	c.add("quick", "true")
	c.add("slow", "sleep 0.3")
	o := patient
	o.Slow = 200 * time.Millisecond
	r := c.run(t, o)
	if quick, slow := r.Row("quick"), r.Row("slow"); len(quick.Runs) != 3 || len(slow.Runs) != 1 {
		t.Errorf("%d and %d runs, want 3 and 1", len(quick.Runs), len(slow.Runs))
	}
	o = patient
	o.Budget = 200 * time.Millisecond
	if slow := c.run(t, o).Row("slow"); len(slow.Runs) != 1 {
		t.Errorf("%d runs, want 1", len(slow.Runs))
	}
	// Whoever is out uses nothing up.
	o.Slow = 200 * time.Millisecond
	o.Budget = 250 * time.Millisecond
	if quick := c.run(t, o).Row("quick"); len(quick.Runs) < 2 {
		t.Errorf("%d runs, want more", len(quick.Runs))
	}
}

// One that is far behind the fastest runs once, but only where that takes long.
func TestBehind(t *testing.T) {
	c := &table{}
	c.add("quick", "true")
	c.add("middling", "sleep 0.15")
	c.add("slow", "sleep 0.5")
	o := patient
	o.Behind = 300 * time.Millisecond
	r := c.run(t, o)
	for name, want := range map[string]int{"quick": 3, "middling": 3, "slow": 1} {
		if got := len(r.Row(name).Runs); got != want {
			t.Errorf("%s ran %d times, want %d", name, got, want)
		}
	}
}

func TestInside(t *testing.T) {
	c := &table{Case: race.Case{Inside: true}}
	c.add("good", `echo '{"ns": 2500, "allocs": 7, "bytes": 99}'`)
	c.add("bad", "echo hello")
	r := c.run(t, race.Options{Rounds: 1, Slow: time.Minute})
	if run := r.Row("good").Runs[0]; run.Seconds != 2.5e-6 || run.Allocs != 7 || run.Bytes != 99 {
		t.Errorf("%+v", run)
	}
	if row := r.Row("bad"); !strings.Contains(row.Failed, "hello") {
		t.Errorf("%+v", row)
	}
}

// The suite ends when it is told to.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := &table{}
	c.add("a", "sleep 1000", func(e *race.Entrant) { e.Prepare = func(context.Context) error { cancel(); return nil } })
	if _, err := race.Run(ctx, launcher, c.Case, patient); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
