package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// graphCommand is the verb that draws a graph of revisions.
func (a *app) graphCommand() *cobra.Command {
	var format string
	c := a.newVerb(groupLook, "graph", "Draw the graph of revisions", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.graph(ctx, format) })
	c.Long = `Draws the graph of revisions as a tree, by the edges that lead up from initial, or as
a diagram for Mermaid or Graphviz, and marks where the database stands. That there
is no database is an error only where one was named, and the graph is drawn all the
same. Writes nothing.`
	c.Flags().StringVar(&format, "format", "tree", "how to draw it: `tree|mermaid|dot`")
	completeFlag(c, "format", "tree", "mermaid", "dot")
	return c
}

// graphView is a GraphOutput and what it is drawn from.
type graphView struct {
	GraphOutput
	graph *plan.Map
}

func (a *app) graph(ctx context.Context, format string) (outcome, error) {
	out := &graphView{GraphOutput: GraphOutput{Revisions: []string{}, Edges: []EdgeObject{}}}
	draw := map[string]func(*graphView) string{"tree": nil, "mermaid": (*graphView).mermaid, "dot": (*graphView).dot}
	drawn, ok := draw[format]
	if !ok {
		return out, wrongUsage("--format is tree, mermaid or dot, and not %q", format)
	}
	if err := a.ready(); err != nil {
		return out, err
	}
	if a.kind != migration.Revisions {
		return out, a.noGraph()
	}
	edges, err := a.source.Migrations()
	if err != nil {
		return out, err
	}
	if out.graph, err = plan.NewMap(edges); err != nil {
		return out, err
	}
	out.list()
	err = a.here(ctx, out)
	if drawn != nil {
		out.Diagram = drawn(out)
	}
	return out, err
}

func (a *app) noGraph() error {
	if a.kind == migration.Functions {
		return &migration.Error{Op: "graph", Err: errors.New("functions are a sequence, and not a graph"), Hint: "fastmigrate status lists them"}
	}
	return &migration.Error{
		Op:   "graph",
		Err:  fmt.Errorf("there is no graph of revisions in %s: its files are not named DATE_FROM_up_TO.sql", first(a.settings.folder, "the program")),
		Hint: "fastmigrate status lists numbered files",
	}
}

// here finds out where the database stands.
func (a *app) here(ctx context.Context, out *graphView) error {
	b, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	at, err := b.State(ctx)
	if a.settings.assumed && errors.Is(err, migration.ErrNoDatabase) {
		return nil
	}
	if err != nil {
		return err
	}
	out.stands(a.kind, at)
	if !out.graph.Knows(migration.Revision(at)) {
		out.Findings = out.graph.Sound(at, nil)
		a.findings(out.Findings)
	}
	return nil
}

// list notes all revisions and edges.
func (o *graphView) list() {
	for _, r := range o.graph.Revisions() {
		o.Revisions = append(o.Revisions, string(r))
		for _, d := range []migration.Direction{migration.Up, migration.Down} {
			for _, e := range o.graph.Leaving(r, d) {
				_, body, _ := e.Edge()
				o.Edges = append(o.Edges, edgeObject(fastmigrate.StatusStep{
					From: e.From, To: e.To, Direction: d, File: body.File(), Kind: body.Kind(),
				}))
			}
		}
	}
}

// text draws the graph.
func (o *graphView) text(p *printer) {
	switch {
	case o.graph == nil:
	case o.Diagram != "":
		p.answer("%s", o.Diagram)
	default:
		p.answer("%s", o.tree())
		if o.known() {
			p.answer("\n%s", o.standing(o.Database))
		}
	}
}
