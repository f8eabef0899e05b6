package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// folder returns migrations by a short description of each: 3 is a script, 3d
// one with a rollback script, 3p a program, 3pd a program with a rollback
// program.
func folder(short string) []migration.Migration {
	var all []migration.Migration
	for _, word := range strings.Fields(short) {
		var v migration.Version
		var rest string
		if n, _ := fmt.Sscanf(word, "%d%s", &v, &rest); n == 0 {
			panic(word)
		}
		body := func() migration.Body {
			if strings.Contains(rest, "p") {
				return &migration.Program{Name: v.String() + "-m.sh", Language: migration.KindShell}
			}
			return &migration.SQL{Name: v.String() + "-m.sql"}
		}
		m := migration.Migration{Version: v, Name: "m", Up: body()}
		if strings.Contains(rest, "d") {
			m.Down = body()
		}
		all = append(all, m)
	}
	return all
}

// entries returns a history by a short description: 0-1 is applied, 0-1:begun
// has that status, 0-1:failed/2 failed with two segments done.
func entries(short string) []migration.Entry {
	var all []migration.Entry
	for i, word := range strings.Fields(short) {
		states, status, given := strings.Cut(word, ":")
		if !given {
			status = "applied"
		}
		from, to, _ := strings.Cut(states, "-")
		status, done, _ := strings.Cut(status, "/")
		e := migration.Entry{
			ID: int64(i + 1), Kind: migration.Files, From: migration.State(from), To: migration.State(to), Name: to + "-m",
			Status: migration.Status(status), Host: "here", StartedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		}
		fmt.Sscan(done, &e.SegmentsDone)
		a, _ := e.From.Version()
		if b, _ := e.To.Version(); b < a {
			e.Direction = migration.Down
		}
		all = append(all, e)
	}
	return all
}

// steps returns a plan's steps in a short form.
func steps(p plan.Plan) string {
	var words []string
	for _, s := range p.Steps {
		word := fmt.Sprintf("%s-%s", s.From, s.To)
		if s.Resume > 0 {
			word += fmt.Sprintf("/%d", s.Resume)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestLinear(t *testing.T) {
	down := plan.Goal{Direction: migration.Down}
	downBy := func(n int) plan.Goal { return plan.Goal{Direction: migration.Down, Steps: n} }
	retry := func(v migration.Version, g plan.Goal) plan.Goal { g.Retry = &v; return g }
	for _, c := range []struct {
		name    string
		folder  string
		at      migration.Version
		history string
		goal    plan.Goal
		want    string
		err     error
		says    string // of the error and its hint
	}{
		{"nothing at all", "", 0, "", plan.Goal{}, "", nil, ""},
		{"newest", "1 2 3", 0, "", plan.Goal{}, "0-1 1-2 2-3", nil, ""},
		{"from the middle", "1 2 3", 2, "", plan.Goal{}, "2-3", nil, ""},
		{"gaps", "2 5 9999", 0, "", plan.Goal{}, "0-2 2-5 5-9999", nil, ""},
		{"from a version without a file", "2 5 7", 3, "", plan.Goal{}, "3-5 5-7", nil, ""},
		{"0000 never runs", "0 1", 0, "", plan.Goal{}, "0-1", nil, ""},
		{"up to date", "1 2", 2, "", plan.Goal{}, "", nil, ""},
		{"newer than the files", "1 2", 9, "", plan.Goal{}, "", nil, ""},
		{"to", "1 2 3", 0, "", plan.UpTo(2), "0-1 1-2", nil, ""},
		{"to where it is", "1 2 3", 2, "", plan.UpTo(2), "", nil, ""},
		{"to where it is, without a file", "1 3", 2, "", plan.UpTo(2), "", nil, ""},
		{"to none, between", "1 5", 0, "", plan.UpTo(3), "", migration.ErrNoVersion, "nearest are 1 and 5"},
		{"to none, above", "1 5", 0, "", plan.UpTo(6), "", migration.ErrNoVersion, "from 1 to 5"},
		{"to none, no files", "", 0, "", plan.UpTo(6), "", migration.ErrNoVersion, "no migrations yet"},
		{"to, below", "1 2 3", 3, "", plan.UpTo(1), "", nil, "at version 3, above 1: fastmigrate down --to 1"},

		{"down", "1d 2d 3d", 3, "", down, "3-2", nil, ""},
		{"down by two", "1d 2d 3d", 3, "", downBy(2), "3-2 2-1", nil, ""},
		{"down by more than there are", "1d 2d", 2, "", downBy(9), "2-1 1-0", nil, ""},
		{"down from 0", "1d", 0, "", down, "", nil, ""},
		{"down to", "1d 2d 3d", 3, "", plan.DownTo(1), "3-2 2-1", nil, ""},
		{"down to 0", "2d 5d", 5, "", plan.DownTo(0), "5-2 2-0", nil, ""},
		{"down to where it is", "1d 2", 2, "", plan.DownTo(2), "", nil, ""},
		{"down past 0000", "0 1d", 1, "", down, "1-0", nil, ""},
		{"down to above", "1d 2d", 1, "", plan.DownTo(2), "", nil, "at version 1, below 2: fastmigrate up --to 2"},
		{"down to none", "1d 5d", 5, "", plan.DownTo(3), "", migration.ErrNoVersion, "nearest are 1 and 5"},
		{"down without a script", "1d 2 3d", 3, "", plan.DownTo(1), "", migration.ErrNoRollback, "0002-m.sql: write rollback/0002-m.sql"},
		{"down without a file", "1d 3d", 2, "", down, "", migration.ErrNoRollback, "version 2 has no file"},
		{"down to where it came from", "1d 2d 3d", 3, "0-1 1-3", down, "3-1", nil, ""},
		{"down past a late file", "1d 2d 3d", 3, "0-1 1-3", plan.DownTo(0), "3-1 1-0", nil, ""},
		{"down to a late file", "1d 2d 3d", 3, "0-1 1-3", plan.DownTo(2), "", migration.ErrNoVersion, "2"},
		{"down after marked", "1d 2d 3d", 3, "0-1 1-3:marked", down, "3-2", nil, ""},
		{"down after enrolled", "1d 2d 3d", 2, "0-2:enrolled", down, "2-1", nil, ""},
		{"down after down and up", "1d 2d 3d", 3, "0-3 3-0 0-1 1-2 2-3", down, "3-2", nil, ""},

		{"resume", "1 2", 1, "0-1 1-2:failed/3", plan.Goal{}, "1-2/3", nil, ""},
		{"resume what was killed", "1 2", 1, "0-1 1-2:begun/3", plan.Goal{}, "1-2/3", nil, ""},
		{"resume and go on", "1 2 3", 1, "0-1 1-2:failed/3", plan.Goal{}, "1-2/3 2-3", nil, ""},
		{"resume down", "1d 2d", 2, "0-1 1-2 2-1:failed/1", down, "2-1/1", nil, ""},
		{"failed as a whole", "1 2", 1, "0-1 1-2:failed", plan.Goal{}, "1-2", nil, ""},
		{"settled since", "1 2 3", 2, "0-1 1-2:failed/3 1-2:applied", plan.Goal{}, "2-3", nil, ""},
		{"moved since by another tool", "1 2 3", 2, "0-1 1-2:failed/3", plan.Goal{}, "2-3", nil, ""},
		{"marked since", "1 2 3", 2, "0-1 1-2:begun 1-2:marked", plan.Goal{}, "2-3", nil, ""},
		{"marked back", "1 2", 1, "0-1 1-2:begun 1-1:marked", plan.Goal{}, "1-2", nil, ""},
		{"a door that is not ours", "1 2", 1, "", plan.Goal{}, "1-2", nil, ""},
		{"half done, going down", "1d 2", 1, "0-1 1-2:failed/3", down, "", migration.ErrUnfinished, "first 3 commits mark 2"},
		{"half done, the file gone", "1", 1, "0-1 1-2:failed/3", plan.Goal{}, "", migration.ErrUnfinished, "mark 2"},
		{"half done, another first", "1 3", 1, "0-1 1-2:failed/3", plan.Goal{}, "", migration.ErrUnfinished, "mark 2"},
		{"half done, a program now", "1 2p", 1, "0-1 1-2:failed/3", plan.Goal{}, "", migration.ErrUnfinished, "mark 2"},
		{"half done, retry does not help", "1 2p", 1, "0-1 1-2:failed/3", retry(2, plan.Goal{}), "", migration.ErrUnfinished, ""},

		{"program begun", "1 2p", 1, "0-1 1-2:begun", plan.Goal{}, "", migration.ErrUnfinished, "2026-01-02 03:04:05 UTC here up --retry 2 mark 2"},
		{"program begun, retried", "1 2p 3", 1, "0-1 1-2:begun", retry(2, plan.Goal{}), "1-2 2-3", nil, ""},
		{"program begun, another retried", "1 2p", 1, "0-1 1-2:begun", retry(3, plan.Goal{}), "", migration.ErrUnfinished, "--retry 2"},
		{"program begun, a script now", "1 2", 1, "0-1 1-2:begun", plan.Goal{}, "", migration.ErrUnfinished, "--retry 2"},
		{"program begun, the file gone", "1 3", 1, "0-1 1-2:begun", plan.Goal{}, "", migration.ErrUnfinished, "--retry 2 mark 2"},
		{"program begun, going down", "1d 2p", 1, "0-1 1-2:begun", down, "", migration.ErrUnfinished, ""},
		{"program down begun", "1 2pd", 2, "0-1 1-2 2-1:begun", down, "", migration.ErrUnfinished, "down --retry 2 mark 1"},
		{"program down begun, retried", "1 2pd", 2, "0-1 1-2 2-1:begun", retry(2, down), "2-1", nil, ""},
		{"program down begun, going up", "1 2pd 3", 2, "0-1 1-2 2-1:begun", plan.Goal{}, "", migration.ErrUnfinished, ""},
		{"program failed", "1 2p", 1, "0-1 1-2:failed", plan.Goal{}, "1-2", nil, ""},
		{"program begun earlier, failed later", "1 2p", 1, "0-1 1-2:begun 1-2:failed", plan.Goal{}, "1-2", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := plan.History{Current: c.at, Entries: entries(c.history)}
			p, err := plan.Linear(folder(c.folder), h, c.goal)
			if c.err == nil && c.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				if got := steps(p); got != c.want {
					t.Errorf("steps %q, want %q", got, c.want)
				}
				end := c.at.State()
				if n := len(p.Steps); n > 0 {
					end = p.Steps[n-1].To
				}
				if p.Start != c.at.State() || p.End != end || p.Empty() != (c.want == "") {
					t.Errorf("plan %+v", p)
				}
				return
			}
			if err == nil || c.err != nil && !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			text := err.Error() + ": " + migration.HintOf(err)
			for _, word := range strings.Fields(c.says) {
				if !strings.Contains(text, word) {
					t.Errorf("error %q does not say %q", text, word)
				}
			}
			if migration.HintOf(err) == "" {
				t.Error("no hint")
			}
		})
	}
}

func TestExists(t *testing.T) {
	m := folder("1 3")
	for v, want := range map[migration.Version]bool{0: true, 1: true, 2: false, 3: true, 4: false} {
		err := plan.Exists(m, v)
		if (err == nil) != want || err != nil && !errors.Is(err, migration.ErrNoVersion) {
			t.Errorf("version %d: %v", v, err)
		}
	}
	if err := plan.Exists(nil, 0); err != nil {
		t.Error(err)
	}
	if n := plan.Newest(nil); n != 0 {
		t.Errorf("newest of none is %d", n)
	}
}
