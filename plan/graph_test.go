package plan_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// edges returns a graph by a short description: 0>1 leads up from 0 to 1, 1<2
// down from 2 to 1. "0" is initial.
func edges(short string) []migration.Migration {
	var all []migration.Migration
	for _, word := range strings.Fields(short) {
		from, to, up := strings.Cut(word, ">")
		if !up {
			to, from, _ = strings.Cut(word, "<")
		}
		m := migration.Migration{From: revision(from), To: revision(to), Name: word}
		body := &migration.SQL{Name: "20240101_" + from + "_" + to + ".sql"}
		if up {
			m.Up = body
		} else {
			m.Down = body
		}
		all = append(all, m)
	}
	return all
}

func revision(name string) migration.Revision {
	if name == "0" {
		return migration.Initial
	}
	return migration.Revision(name)
}

// words writes a plan's steps as edges describes them.
func words(p plan.Plan) string {
	var all []string
	for _, s := range p.Steps {
		all = append(all, s.Migration.Name)
	}
	return strings.Join(all, " ")
}

const facts = "0>1 1>2 1>3 2>4 0<1 1<2 2<3 2<4"

func TestGraph(t *testing.T) {
	for name, c := range map[string]struct {
		edges, from, to, direction string
		want                       string
		fails                      string
	}{
		"up to 4":                   {edges: facts, from: "0", to: "4", direction: "up", want: "0>1 1>2 2>4"},
		"up to 3":                   {edges: facts, from: "0", to: "3", direction: "up", want: "0>1 1>3"},
		"no way up from 2 to 3":     {edges: facts, from: "2", to: "3", direction: "up", fails: "no edges lead up from revision 2 to 3"},
		"down from 3":               {edges: facts, from: "3", to: "0", direction: "down", want: "2<3 1<2 0<1"},
		"down from 4":               {edges: facts, from: "4", to: "0", direction: "down", want: "2<4 1<2 0<1"},
		"there already":             {edges: facts, from: "2", to: "2", direction: "up"},
		"there already, unknown":    {edges: facts, from: "x", to: "x", direction: "down"},
		"unknown target":            {edges: facts, from: "2", to: "9", direction: "up", fails: "no file knows the revision 9 (from 2 to 9)"},
		"unknown current":           {edges: facts, from: "9", to: "1", direction: "up", fails: "no file knows the revision 9 (from 9 to 1)"},
		"a cycle of up edges":       {edges: "0>1 1>0", from: "0", to: "1", direction: "up", want: "0>1"},
		"round a cycle":             {edges: "0>1 1>0", from: "1", to: "0", direction: "up", want: "1>0"},
		"out of a cycle":            {edges: "0>1 1>2 2>0", from: "0", to: "3", direction: "up", fails: "knows the revision 3"},
		"no way out of a cycle":     {edges: "0>1 1>0 5>6", from: "0", to: "6", direction: "up", fails: "no edges lead up"},
		"the shortest":              {edges: "0>1 1>2 2>3 0>3", from: "0", to: "3", direction: "up", want: "0>3"},
		"by name among equals":      {edges: "0>b 0>a b>c a>c", from: "0", to: "c", direction: "up", want: "0>a a>c"},
		"open, up":                  {edges: facts, from: "1", to: "4", want: "1>2 2>4"},
		"open, down":                {edges: facts, from: "3", to: "1", want: "2<3 1<2"},
		"open, both":                {edges: "0>1 1>2 2>1 1<2", from: "2", to: "1", fails: "edges lead up and down from 2 to 1"},
		"open, neither":             {edges: "0>1 5>6", from: "1", to: "6", fails: "no edges lead up or down from revision 1 to 6"},
		"nothing leaves initial":    {edges: "1>2 0<1", from: "1", to: "2", direction: "up", fails: "no edge leaves the revision initial"},
		"no edges":                  {from: "0", to: "0", direction: "up", fails: "no edge leaves the revision initial"},
		"two edges alike":           {edges: "0>1 0>1", from: "0", to: "1", direction: "up", fails: "two edges lead up from initial to 1: 20240101_0_1.sql and 20240101_0_1.sql"},
		"one up and one down alike": {edges: "0>1 1>2 1<2 2>1", from: "0", to: "2", direction: "up", want: "0>1 1>2"},
		"to the one end":            {edges: "0>1 1>2 0>2", from: "0", direction: "up", want: "0>2"},
		"to one of two ends":        {edges: facts, from: "0", direction: "up", fails: "several revisions lie up from initial: 3, 4"},
		"down one":                  {edges: facts, from: "4", direction: "down", want: "2<4"},
		"down one of two":           {edges: "0>1 0<1 2<1", from: "1", direction: "down", fails: "several revisions lie down from 1: initial, 2"},
	} {
		t.Run(name, func(t *testing.T) {
			goal := plan.Goal{Open: c.direction == ""}
			if c.direction == "down" {
				goal.Direction = migration.Down
			}
			if c.to != "" {
				goal.Target = revision(c.to).State()
			}
			p, err := plan.Graph(edges(c.edges), revision(c.from).State(), nil, goal)
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Fatalf("got %v, want %q", err, c.fails)
				}
				if !strings.HasPrefix(c.fails, "two edges") && !errors.Is(err, migration.ErrNoPath) {
					t.Errorf("%v is not ErrNoPath", err)
				}
				if len(p.Steps) != 0 {
					t.Errorf("steps beside an error: %s", words(p))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := words(p); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if p.Kind != migration.Revisions || p.Start != revision(c.from).State() || c.to != "" && p.End != revision(c.to).State() {
				t.Errorf("plan of %s from %s to %s", p.Kind, p.Start, p.End)
			}
		})
	}
}

// What a database left half done along a graph is gone on with by the same step
// only.
func TestGraphResumes(t *testing.T) {
	stuck := []migration.Entry{{
		Kind: migration.Revisions, From: "1", To: "2", Name: "20240101_1_2.sql", Status: migration.Failed, SegmentsDone: 3,
	}}
	p, err := plan.Graph(edges(facts), "1", stuck, plan.Goal{Target: "4"})
	if err != nil || p.Steps[0].Resume != 3 {
		t.Errorf("plan %+v, %v", p, err)
	}
	_, err = plan.Graph(edges(facts), "1", stuck, plan.Goal{Target: "3"})
	if !errors.Is(err, migration.ErrUnfinished) || !strings.Contains(migration.HintOf(err), "mark 2") {
		t.Errorf("another way: %v, hint %q", err, migration.HintOf(err))
	}
}
