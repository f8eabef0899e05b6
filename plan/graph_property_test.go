package plan_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// distance returns the number of edges on the shortest way, found by another
// method than the planner's: by relaxing all edges until nothing changes. -1
// means that there is no way.
func distance(edges []migration.Migration, from, to migration.Revision, d migration.Direction) int {
	far := map[migration.Revision]int{from: 0}
	for changed := true; changed; {
		changed = false
		for _, e := range edges {
			direction, _, _ := e.Edge()
			at, known := far[e.From]
			if direction != d || !known {
				continue
			}
			if old, seen := far[e.To]; !seen || at+1 < old {
				far[e.To], changed = at+1, true
			}
		}
	}
	if n, ok := far[to]; ok {
		return n
	}
	return -1
}

// A plan is a path of edges of one direction, none is shorter, and there is one
// wherever there is a path.
func TestGraphIsShortestPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 7).Draw(t, "revisions")
		name := func(i int) migration.Revision {
			if i == 0 {
				return migration.Initial
			}
			return migration.Revision(fmt.Sprintf("rev%d", i))
		}
		graph := edges("0>rev1")
		seen := map[string]bool{"initial up rev1": true}
		for range rapid.IntRange(0, 20).Draw(t, "edges") {
			from, to := name(rapid.IntRange(0, n-1).Draw(t, "from")), name(rapid.IntRange(0, n-1).Draw(t, "to"))
			m := migration.Migration{From: from, To: to}
			direction := migration.Up
			body := &migration.SQL{Name: fmt.Sprintf("%04d", len(graph))}
			if m.Up = body; rapid.Bool().Draw(t, "down") {
				m.Up, m.Down, direction = nil, body, migration.Down
			}
			key := fmt.Sprint(from, " ", direction, " ", to)
			if !seen[key] {
				seen[key] = true
				graph = append(graph, m)
			}
		}
		from, to := name(rapid.IntRange(0, n-1).Draw(t, "start")), name(rapid.IntRange(0, n-1).Draw(t, "target"))
		goal := plan.Goal{Target: to.State()}
		if rapid.Bool().Draw(t, "goes down") {
			goal.Direction = migration.Down
		}
		want := distance(graph, from, to, goal.Direction)
		p, err := plan.Graph(graph, from.State(), nil, goal)
		if err != nil {
			if want >= 0 && known(graph, from) && known(graph, to) {
				t.Fatalf("there is a way of %d steps: %v", want, err)
			}
			return
		}
		if len(p.Steps) != want || p.End != to.State() {
			t.Fatalf("%d steps to %s, and the shortest way has %d", len(p.Steps), p.End, want)
		}
		at := p.Start
		for _, s := range p.Steps {
			direction, _, _ := s.Migration.Edge()
			if s.From != at || s.Direction != goal.Direction || direction != goal.Direction || s.Migration.From.State() != s.From || s.Migration.To.State() != s.To {
				t.Fatalf("a step from %s to %s behind %s", s.From, s.To, at)
			}
			at = s.To
		}
		if at != to.State() {
			t.Fatalf("it ends at %s", at)
		}
	})
}

func known(edges []migration.Migration, r migration.Revision) bool {
	for _, e := range edges {
		if e.From == r || e.To == r {
			return true
		}
	}
	return r == migration.Initial
}
