package fastmigrate

import (
	"context"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// graphStatus is the status along a graph of revisions.
func (m *Migrator) graphStatus(ctx context.Context, edges []migration.Migration) (Status, error) {
	at, entries, err := m.past(ctx, m.backend)
	if err != nil {
		return Status{}, err
	}
	s := Status{State: at}
	graph, err := plan.NewMap(edges)
	if err != nil {
		return s, err
	}
	here := migration.Revision(at)
	s.Findings, s.Pending = graph.Sound(at, entries), graph.Ahead(here)
	for _, e := range entries {
		if e.Kind == migration.Revisions && e.Ended() {
			s.Made = append(s.Made, madeStep(graph, e))
		}
	}
	for _, d := range []migration.Direction{migration.Up, migration.Down} {
		for _, edge := range graph.Leaving(here, d) {
			s.Ahead = append(s.Ahead, edgeStep(edge))
		}
	}
	return s, nil
}

func edgeStep(edge migration.Migration) StatusStep {
	d, body, _ := edge.Edge()
	return StatusStep{From: edge.From, To: edge.To, Direction: d, File: body.File(), Kind: body.Kind()}
}

// madeStep says which edge a step was made along. The table does not tell, so
// that it is known only where there is one between the two revisions.
func madeStep(graph *plan.Map, e migration.Entry) StatusStep {
	from, to := migration.Revision(e.From), migration.Revision(e.To)
	s := StatusStep{From: from, To: to}
	up, ups := graph.Edge(from, to, migration.Up)
	down, downs := graph.Edge(from, to, migration.Down)
	switch {
	case ups && !downs:
		s = edgeStep(up)
	case downs && !ups:
		s = edgeStep(down)
	}
	s.AppliedAt = e.FinishedAt
	return s
}
