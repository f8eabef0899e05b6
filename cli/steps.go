package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// stepObject returns a step as JSON has it.
func stepObject(kind string, s plan.Step) StepObject {
	o := StepObject{
		Name: s.Migration.Name,
		File: s.File(), Kind: string(s.Body().Kind()), Direction: s.Direction.String(),
		Transaction: s.Transaction, Alone: s.Alone, Resume: s.Resume,
		Bytes: s.Traits.Bytes, Statements: s.Traits.Statements,
	}
	var p Places
	p.stood(kind, s.From)
	p.stands(kind, s.To)
	o.From, o.FromState, o.To, o.ToState = p.From, p.FromState, p.Version, p.State
	if kind != migration.Revisions {
		o.Version = (*int64)(&s.Migration.Version)
	}
	return o
}

// stepObjects returns the steps of a plan as JSON has them.
func stepObjects(p fastmigrate.Plan) []StepObject {
	objects := make([]StepObject, len(p.Steps))
	for i, s := range p.Steps {
		objects[i] = stepObject(p.Kind, s)
	}
	return objects
}

// writeSteps writes what is to be done, a line each.
func writeSteps(p *printer, steps []StepObject) {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, s := range steps {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", s.Direction, s.File, s.about(), s.together())
	}
	_ = w.Flush() // into a buffer
}

// about says what a body is.
func (s StepObject) about() string {
	switch s.Kind {
	case string(migration.KindSQL):
	case string(migration.KindGo):
		return "function"
	default:
		return "program"
	}
	return count(s.Statements, "statement") + ", " + size(s.Bytes)
}

// together says with what the step is committed.
func (s StepObject) together() string {
	text := "no transaction"
	if s.Transaction > 0 {
		text = fmt.Sprintf("transaction %d", s.Transaction)
		if s.Alone != "" {
			text += " (" + s.Alone + ")"
		}
	}
	if s.Resume > 0 {
		text += fmt.Sprintf(", after %s that an earlier run has done", count(s.Resume, "commit"))
	}
	return text
}

// size returns a number of bytes as people say it.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
