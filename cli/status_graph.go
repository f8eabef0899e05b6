package cli

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/fastmigrate/fastmigrate"
)

// edgeObject returns a step along a graph as JSON has it.
func edgeObject(s fastmigrate.StatusStep) EdgeObject {
	o := EdgeObject{From: string(s.From), To: string(s.To), File: s.File, Kind: string(s.Kind)}
	if s.File != "" {
		o.Direction = s.Direction.String()
	}
	if !s.AppliedAt.IsZero() {
		at := s.AppliedAt.UTC()
		o.AppliedAt = &at
	}
	return o
}

// graphTables returns the steps that were made, a line each, and below them the
// edges that lead on.
func (o *statusView) graphTables(columns int) string {
	var parts []string
	if len(o.Made) > 0 {
		w := newTable(columns)
		w.AppendHeader(table.Row{"from", "to", "by", "applied at"})
		for _, step := range o.Made {
			w.AppendRow(table.Row{clean(step.From), clean(step.To), clean(step.File), when(step.AppliedAt)})
		}
		parts = append(parts, w.Render())
	}
	if len(o.Ahead) > 0 {
		w := newTable(columns)
		w.AppendHeader(table.Row{"next", "to", "by"})
		for _, step := range o.Ahead {
			w.AppendRow(table.Row{step.Direction, clean(step.To), clean(step.File)})
		}
		parts = append(parts, w.Render())
	}
	return strings.Join(parts, "\n\n")
}
