package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Graph plans the shortest way from one revision to another over the edges of
// one direction. Among equally short ways it takes the one whose files come
// first by name. Where the goal leaves the direction open, the way leads up or
// down, whichever there is.
//
// Its errors wrap [migration.ErrNoPath] where no way leads there, or where both
// directions do, and [migration.ErrUnfinished] where something that was begun
// stands in the way.
func Graph(edges []migration.Migration, at migration.State, entries []migration.Entry, goal Goal) (Plan, error) {
	p := Plan{Kind: migration.Revisions, Direction: goal.Direction, Start: at, End: at}
	g, err := newGraph(edges)
	if err != nil {
		return p, err
	}
	from, to := migration.Revision(at), migration.Revision(goal.Target)
	if to == "" {
		to, err = g.without(from, goal)
	}
	if err == nil {
		p.Direction, p.Steps, err = g.way(from, to, goal)
	}
	if err == nil {
		err = resume(&p, entries, goal)
	}
	if err != nil {
		return p, err
	}
	p.End = to.State()
	return p, nil
}

// graph is the edges that leave each revision, by direction, in order of their
// files' names.
type graph struct {
	leave map[migration.Direction]map[migration.Revision][]migration.Migration
	known map[migration.Revision]bool
}

// newGraph checks the edges: one from initial must be there, and no two of one
// direction may join the same revisions.
func newGraph(edges []migration.Migration) (*graph, error) {
	g := &graph{
		leave: map[migration.Direction]map[migration.Revision][]migration.Migration{migration.Up: {}, migration.Down: {}},
		known: map[migration.Revision]bool{migration.Initial: true},
	}
	for _, e := range edges {
		d, body, ok := e.Edge()
		if !ok {
			return nil, &migration.Error{Op: "plan", Err: fmt.Errorf("%q is not an edge of a graph", e.Name)}
		}
		for _, other := range g.leave[d][e.From] {
			if other.To == e.To {
				_, first, _ := other.Edge()
				return nil, &migration.Error{
					Op:   "plan",
					Err:  fmt.Errorf("two edges lead %s from %s to %s: %s and %s", d, e.From, e.To, first.File(), body.File()),
					Hint: "remove one of them",
				}
			}
		}
		g.leave[d][e.From] = append(g.leave[d][e.From], e)
		g.known[e.From], g.known[e.To] = true, true
	}
	if len(g.leave[migration.Up][migration.Initial]) == 0 {
		return nil, &migration.Error{
			Op:   "plan",
			Err:  fmt.Errorf("%w: no edge leaves the revision %s", migration.ErrNoPath, migration.Initial),
			Hint: "the first file of a graph is named DATE_initial_up_REVISION.sql",
		}
	}
	for _, way := range g.leave {
		for _, leaving := range way {
			slices.SortStableFunc(leaving, func(a, b migration.Migration) int { return cmp.Compare(file(a), file(b)) })
		}
	}
	return g, nil
}

func file(e migration.Migration) string {
	_, body, _ := e.Edge()
	return body.File()
}

// way returns the direction to go in, and the steps.
func (g *graph) way(from, to migration.Revision, goal Goal) (migration.Direction, []Step, error) {
	if from == to {
		return goal.Direction, nil, nil
	}
	for _, r := range []migration.Revision{from, to} {
		if !g.known[r] {
			return goal.Direction, nil, g.unknown(r, from, to)
		}
	}
	if !goal.Open {
		steps, ok := g.shortest(from, to, goal.Direction)
		if !ok {
			return goal.Direction, nil, g.noWay(from, to, goal.Direction.String())
		}
		return goal.Direction, steps, nil
	}
	up, ups := g.shortest(from, to, migration.Up)
	down, downs := g.shortest(from, to, migration.Down)
	switch {
	case ups && downs:
		return migration.Up, nil, &migration.Error{
			Op:   "plan",
			Err:  fmt.Errorf("%w unambiguously: edges lead up and down from %s to %s", migration.ErrNoPath, from, to),
			Hint: "say --direction up or --direction down",
		}
	case ups:
		return migration.Up, up, nil
	case downs:
		return migration.Down, down, nil
	}
	return migration.Up, nil, g.noWay(from, to, "up or down")
}

// shortest finds the way with the fewest steps, breadth first.
func (g *graph) shortest(from, to migration.Revision, d migration.Direction) ([]Step, bool) {
	by := map[migration.Revision]*migration.Migration{from: nil} // the edge that first led to each
	for next := []migration.Revision{from}; len(next) > 0; next = next[1:] {
		if next[0] == to {
			return back(by, to, d), true
		}
		leaving := g.leave[d][next[0]]
		for i := range leaving {
			if _, seen := by[leaving[i].To]; !seen {
				by[leaving[i].To] = &leaving[i]
				next = append(next, leaving[i].To)
			}
		}
	}
	return nil, false
}

// back follows the edges from the target to where they began.
func back(by map[migration.Revision]*migration.Migration, to migration.Revision, d migration.Direction) []Step {
	var steps []Step
	for e := by[to]; e != nil; e = by[e.From] {
		steps = append(steps, Step{Step: migration.Step{Migration: *e, Direction: d, From: e.From.State(), To: e.To.State()}})
	}
	slices.Reverse(steps)
	return steps
}

// without returns where a goal leads that names no revision: up to the one
// revision at the end of all ways, down by one edge, if there is just one.
func (g *graph) without(from migration.Revision, goal Goal) (migration.Revision, error) {
	if !g.known[from] {
		return "", g.unknown(from, from, "the newest")
	}
	var ends []migration.Revision
	if goal.Direction == migration.Down {
		at := from
		for range max(goal.Steps, 1) {
			leaving := g.leave[migration.Down][at]
			if len(leaving) != 1 {
				return "", g.unclear(at, "down", names(leaving))
			}
			at = leaving[0].To
		}
		return at, nil
	}
	for _, r := range g.above(from) {
		if len(g.leave[migration.Up][r]) == 0 {
			ends = append(ends, r)
		}
	}
	if len(ends) != 1 {
		slices.Sort(ends)
		return "", g.unclear(from, "up", ends)
	}
	return ends[0], nil
}

func names(edges []migration.Migration) []migration.Revision {
	var all []migration.Revision
	for _, e := range edges {
		all = append(all, e.To)
	}
	return all
}

func (g *graph) unclear(from migration.Revision, direction string, ends []migration.Revision) error {
	if len(ends) == 0 {
		return &migration.Error{
			Op: "plan", Err: fmt.Errorf("%w: nothing leads %s to an end from revision %s", migration.ErrNoPath, direction, from),
			Hint: "name the revision to go to",
		}
	}
	return &migration.Error{
		Op:   "plan",
		Err:  fmt.Errorf("%w unambiguously: several revisions lie %s from %s: %s", migration.ErrNoPath, direction, from, list(ends)),
		Hint: "name the one to go to",
	}
}

func (g *graph) noWay(from, to migration.Revision, direction string) error {
	return &migration.Error{
		Op:   "plan",
		Err:  fmt.Errorf("%w: no edges lead %s from revision %s to %s", migration.ErrNoPath, direction, from, to),
		Hint: "write the edge that is missing: fastmigrate new --from A --to B, with --down for one that leads down",
	}
}

// unknown says that no edge names one of the two ends of a way.
func (g *graph) unknown(r, from, to migration.Revision) error {
	return g.stranger(r, fmt.Sprintf(" (from %s to %s)", from, to))
}

// stranger says that no edge names a revision, and which there are.
func (g *graph) stranger(r migration.Revision, when string) error {
	all := make([]migration.Revision, 0, len(g.known))
	for known := range g.known {
		all = append(all, known)
	}
	slices.Sort(all)
	return &migration.Error{
		Op:   "plan",
		Err:  fmt.Errorf("%w: no file knows the revision %s%s", migration.ErrNoPath, r, when),
		Hint: "the revisions are " + list(all),
	}
}

func list(revisions []migration.Revision) string {
	words := make([]string, len(revisions))
	for i, r := range revisions {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}
