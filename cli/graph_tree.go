package cli

import (
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// tree draws what leads up from initial, each revision once with what is above
// it; where another edge leads to it its name stands alone. Edges that lead down
// are drawn only where nothing leads up between the same revisions.
func (o *graphView) tree() string {
	t := &tree{graphView: o, drawn: make(map[migration.Revision]bool)}
	for _, r := range o.graph.Revisions() {
		if !t.drawn[r] {
			t.root(r)
		}
	}
	return strings.Join(t.lines, "\n")
}

// tree is a drawing that is being made.
type tree struct {
	*graphView
	drawn map[migration.Revision]bool
	lines []string
}

// branch is what hangs on a revision.
type branch struct {
	to     migration.Revision
	marks  string // behind the name
	leaf   bool   // what is above it is not drawn here
	before string // its name
}

// root draws a revision that hangs on nothing drawn so far.
func (t *tree) root(r migration.Revision) {
	t.drawn[r] = true
	t.lines = append(t.lines, t.name(r, true))
	t.children(r, "")
}

// children draws what hangs on a revision, each line behind the bars.
func (t *tree) children(r migration.Revision, bars string) {
	all := t.branches(r)
	for i, b := range all {
		fork, bar := "├── ", "│   "
		if i == len(all)-1 {
			fork, bar = "└── ", "    "
		}
		again := t.drawn[b.to]
		line := bars + fork + b.before + t.name(b.to, !again && !b.leaf) + b.marks
		if again && !b.leaf {
			line += ", drawn above"
		}
		t.lines = append(t.lines, line)
		if !again && !b.leaf {
			t.drawn[b.to] = true
			t.children(b.to, bars+bar)
		}
	}
}

// branches returns the edges of a revision as they are drawn.
func (t *tree) branches(r migration.Revision) []branch {
	var all []branch
	for _, e := range t.graph.Leaving(r, migration.Up) {
		b := branch{to: e.To}
		if _, back := t.graph.Edge(e.To, r, migration.Down); !back {
			b.marks = " (up only)"
		}
		all = append(all, b)
	}
	for _, e := range t.graph.Leaving(r, migration.Down) {
		if _, up := t.graph.Edge(e.To, r, migration.Up); !up {
			all = append(all, branch{to: e.To, leaf: true, before: "down to ", marks: " (down only)"})
		}
	}
	return all
}

// name returns a revision's name, which is marked once where the database stands
// there.
func (t *tree) name(r migration.Revision, first bool) string {
	if first && t.State == string(r) {
		return clean(string(r)) + " ◀"
	}
	return clean(string(r))
}
