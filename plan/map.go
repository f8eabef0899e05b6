package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Map is a graph of revisions to be looked at, rather than travelled.
type Map struct{ graph *graph }

// NewMap checks the edges as [Graph] does and returns a map of them.
func NewMap(edges []migration.Migration) (*Map, error) {
	g, err := newGraph(edges)
	if err != nil {
		return nil, err
	}
	return &Map{g}, nil
}

// Knows says whether an edge names the revision. [migration.Initial] is always
// known.
func (m *Map) Knows(r migration.Revision) bool { return m.graph.known[r] }

// Leaving returns the edges of one direction that leave a revision, in order of
// their files' names.
func (m *Map) Leaving(r migration.Revision, d migration.Direction) []migration.Migration {
	return m.graph.leave[d][r]
}

// Edge returns the edge of one direction between two revisions, if there is one.
func (m *Map) Edge(from, to migration.Revision, d migration.Direction) (migration.Migration, bool) {
	for _, e := range m.graph.leave[d][from] {
		if e.To == to {
			return e, true
		}
	}
	return migration.Migration{}, false
}

// Revisions returns all revisions: those that edges lead up to from
// [migration.Initial], nearest first, and behind them the others, by name.
func (m *Map) Revisions() []migration.Revision {
	all := m.graph.above(migration.Initial)
	for _, r := range slices.Sorted(maps.Keys(m.graph.known)) {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}

// Ahead returns how many steps lead up from a revision to the nearest one that
// nothing leads up from: 0 at such a one, and where there is none.
func (m *Map) Ahead(from migration.Revision) int {
	nearest := 0
	for _, r := range m.graph.above(from) {
		if len(m.graph.leave[migration.Up][r]) > 0 {
			continue
		}
		if steps, ok := m.graph.shortest(from, r, migration.Up); ok && (nearest == 0 || len(steps) < nearest) {
			nearest = len(steps)
		}
	}
	return nearest
}

// above returns a revision and all that edges lead up to from there, nearest
// first.
func (g *graph) above(from migration.Revision) []migration.Revision {
	seen := map[migration.Revision]bool{from: true}
	all := []migration.Revision{from}
	for i := 0; i < len(all); i++ {
		for _, e := range g.leave[migration.Up][all[i]] {
			if !seen[e.To] {
				seen[e.To] = true
				all = append(all, e.To)
			}
		}
	}
	return all
}

// Sound compares what a database says that was done to it along a graph with
// itself and with the edges, and returns what a person should know.
func (m *Map) Sound(at migration.State, entries []migration.Entry) []migration.Finding {
	var found []migration.Finding
	if !m.Knows(migration.Revision(at)) {
		found = append(found, migration.Finding{
			Code:    migration.CodeNewer,
			Message: fmt.Sprintf("the database is at revision %s, and no file knows it", at),
			Hint:    "a newer release of the program was here; deploy its migrations before going on",
		})
	}
	if e, stuck := unfinished(migration.Revisions, at, entries); stuck {
		found = append(found, begun(e))
	}
	if e, odd := leap(entries); odd {
		found = append(found, migration.Finding{
			Code:    migration.CodeHistory,
			Message: fmt.Sprintf("the newest step was recorded from revision %s to %s, and the one before it led elsewhere: another tool moved the database", e.From, e.To),
			Hint:    "fastmigrate mark REVISION records where it really stands",
		})
	}
	return found
}

// leap returns the newest step where it did not begin where the one before it
// ended.
func leap(entries []migration.Entry) (migration.Entry, bool) {
	before, last := migration.Initial.State(), migration.Entry{From: migration.Initial.State()}
	for _, e := range entries {
		if e.Kind == migration.Revisions && e.Ended() {
			before, last = cmp.Or(last.To, migration.Initial.State()), e
		}
	}
	return last, last.From != before
}
