package cli

import (
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// link is what joins two revisions in a diagram: an edge that leads up, one that
// leads down, or both at once.
type link struct {
	from, to string // by their names
	up, down bool
}

// links returns what joins the revisions, an edge up and the one back as one.
func (o *graphView) links() []link {
	var all []link
	for _, e := range o.Edges {
		from, to := migration.Revision(e.From), migration.Revision(e.To)
		if e.Direction == migration.Up.String() {
			_, back := o.graph.Edge(to, from, migration.Down)
			all = append(all, link{e.From, e.To, true, back})
		} else if _, up := o.graph.Edge(to, from, migration.Up); !up {
			all = append(all, link{e.From, e.To, false, true})
		}
	}
	return all
}

// mermaid draws the graph as a flowchart in the language of Mermaid.
func (o *graphView) mermaid() string {
	lines := []string{"flowchart TD"}
	ids := make(map[string]string)
	quote := strings.NewReplacer("#", "#35;", `"`, "#quot;")
	for i, r := range o.Revisions {
		ids[r] = fmt.Sprintf("r%d", i)
		lines = append(lines, fmt.Sprintf("    %s[\"%s\"]", ids[r], quote.Replace(clean(r))))
	}
	for _, l := range o.links() {
		arrow := "-->"
		switch {
		case l.up && l.down:
			arrow = "<-->"
		case l.down:
			arrow = "-.->|down|"
		}
		lines = append(lines, fmt.Sprintf("    %s %s %s", ids[l.from], arrow, ids[l.to]))
	}
	if id, ok := ids[o.State]; ok {
		lines = append(lines, "    classDef here stroke-width:4px,font-weight:bold", "    class "+id+" here")
	}
	return strings.Join(lines, "\n")
}

// dot draws the graph in the language of Graphviz.
func (o *graphView) dot() string {
	quote := func(name string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(clean(name)) + `"`
	}
	lines := []string{"digraph revisions {", "    node [shape=box, style=rounded];"}
	for _, r := range o.Revisions {
		attributes := ""
		if r == o.State {
			attributes = ` [style="rounded,bold", penwidth=3]`
		}
		lines = append(lines, "    "+quote(r)+attributes+";")
	}
	for _, l := range o.links() {
		attributes := ""
		switch {
		case l.up && l.down:
			attributes = " [dir=both]"
		case l.down:
			attributes = ` [style=dashed, label="down"]`
		}
		lines = append(lines, "    "+quote(l.from)+" -> "+quote(l.to)+attributes+";")
	}
	return strings.Join(append(lines, "}"), "\n")
}
