package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// functions returns functions by a short description: 3 is one, 3d one with a
// rollback.
func functions(short string) []migration.Migration {
	var all []migration.Migration
	for _, word := range strings.Fields(short) {
		var v migration.Version
		var rest string
		fmt.Sscanf(word, "%d%s", &v, &rest)
		m := migration.Migration{Version: v, Name: "f", Up: &migration.Go{Name: word + " up"}}
		if rest == "d" {
			m.Down = &migration.Go{Name: word + " down"}
		}
		all = append(all, m)
	}
	return all
}

// rows returns the history in which the functions with these numbers are
// applied.
func rows(numbers string) []migration.Entry {
	var all []migration.Entry
	from := migration.None
	for _, n := range strings.Fields(numbers) {
		all = append(all, migration.Entry{Kind: migration.Functions, From: from, To: migration.State(n), Name: "f" + n, Status: migration.Applied})
		from = migration.State(n)
	}
	return all
}

func TestSequence(t *testing.T) {
	up, down := plan.Goal{}, plan.Goal{Direction: migration.Down}
	to := func(g plan.Goal, target migration.State) plan.Goal { g.Target = target; return g }
	for name, c := range map[string]struct {
		functions, applied string
		goal               plan.Goal
		want               string // steps as 0>1 …, and a direction
		fails              error
	}{
		"all":                      {functions: "0 1 2", want: "none>0 0>1 1>2"},
		"the rest":                 {functions: "0 1 2", applied: "0 1", want: "1>2"},
		"nothing":                  {functions: "0 1", applied: "0 1"},
		"no functions":             {},
		"a hole is filled":         {functions: "0 1 2 3", applied: "0 2", want: "2>2 2>3"},
		"a gap":                    {functions: "0 1 10", fails: migration.ErrNotGapless},
		"not from 0":               {functions: "1 2", fails: migration.ErrNotGapless},
		"a gap, going down":        {functions: "0d 2d", applied: "0", goal: down, fails: migration.ErrNotGapless},
		"up to 1":                  {functions: "0 1 2", goal: to(up, "1"), want: "none>0 0>1"},
		"up to what is not there":  {functions: "0 1 2", goal: to(up, "7"), fails: migration.ErrNoVersion},
		"up to a word":             {functions: "0 1 2", goal: to(up, "rev1"), fails: migration.ErrNoVersion},
		"the last":                 {functions: "0d 1d", applied: "0 1", goal: down, want: "1>0"},
		"the first":                {functions: "0d 1d", applied: "0", goal: down, want: "0>none"},
		"of nothing":               {functions: "0d 1d", goal: down},
		"two":                      {functions: "0d 1d 2d", applied: "0 1 2", goal: plan.Goal{Direction: migration.Down, Steps: 2}, want: "2>1 1>0"},
		"down to 0":                {functions: "0d 1d 2d", applied: "0 1 2", goal: to(down, "0"), want: "2>1 1>0"},
		"down to none":             {functions: "0d 1d 2d", applied: "0 1 2", goal: to(down, migration.None), want: "2>1 1>0 0>none"},
		"no rollback":              {functions: "0 1", applied: "0 1", goal: down, fails: migration.ErrNoRollback},
		"no rollback on the way":   {functions: "0d 1 2d", applied: "0 1 2", goal: to(down, "0"), fails: migration.ErrNoRollback},
		"unknown, to be rolled":    {functions: "0d", applied: "0 1", goal: down, fails: migration.ErrNoRollback},
		"open, up":                 {functions: "0 1 2", applied: "0", goal: plan.Towards("2"), want: "0>1 1>2"},
		"open, down":               {functions: "0d 1d 2d", applied: "0 1 2", goal: plan.Towards("1"), want: "2>1"},
		"open, there":              {functions: "0d 1d", applied: "0 1", goal: plan.Towards("1")},
		"open, to none from none":  {functions: "0d 1d", goal: plan.Towards(migration.None)},
		"down over a hole":         {functions: "0d 1d 2d", applied: "0 2", goal: to(down, "0"), want: "2>0"},
		"open, to what is unknown": {functions: "0", applied: "0 1", goal: plan.Towards("1")},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := plan.Sequence(functions(c.functions), rows(c.applied), c.goal)
			if !errors.Is(err, c.fails) || (err != nil) != (c.fails != nil) {
				t.Fatalf("err %v, want %v", err, c.fails)
			}
			var steps []string
			for _, s := range p.Steps {
				steps = append(steps, string(s.From)+">"+string(s.To))
			}
			if got := strings.Join(steps, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What a newer program applied is told, and stops nothing.
func TestSequenceUnknown(t *testing.T) {
	p, err := plan.Sequence(functions("0 1"), rows("0 1 2"), plan.Goal{})
	if err != nil || len(p.Findings) != 1 {
		t.Fatalf("findings %v, err %v", p.Findings, err)
	}
	if f := p.Findings[0]; f.Code != migration.CodeNewer || f.Message != "function 2 (f2) is applied, and this program does not have it" {
		t.Error(f)
	}
}
