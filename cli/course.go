package cli

import (
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// course is how far a run is among the steps of its plan.
type course struct {
	steps  []plan.Step
	next   int  // the step that a search begins with
	names  int  // columns of the longest file name
	headed bool // the head of the table of what is done is written
}

func newCourse(p plan.Plan) course {
	c := course{steps: p.Steps}
	for _, s := range p.Steps {
		c.names = max(c.names, width(s.File()))
	}
	return c
}

// find returns the index of the step with a file; the steps are asked for in
// their order, as a rule. It is -1 where there is none.
func (c *course) find(file string) int {
	for n := range c.steps {
		i := (c.next + n) % len(c.steps)
		if c.steps[i].File() == file {
			c.next = i
			return i
		}
	}
	return -1
}

// doing shows on the terminal that something is being done which takes its
// time, until the function that it returns is called.
func (p *printer) doing(what string) (stop func()) {
	if !p.quiet && !p.json {
		p.live.begin(task{what: what})
	}
	return p.live.end
}

// started shows the step that runs.
func (p *printer) started(s plan.Step) {
	if p.quiet || p.json {
		return
	}
	_, outside := s.Body().(*migration.Program)
	t := task{what: s.File(), all: s.Traits.Statements, still: outside}
	if p.live.terminal != nil {
		t.number, t.of = p.course.find(s.File())+1, len(p.course.steps)
	}
	p.live.begin(t)
}

// progress shows how far the step is. Steps that share a transaction have been
// started together: which of them runs is known from here.
func (p *printer) progress(e fastmigrate.Progressed) {
	another := false
	p.live.change(func(t *task) {
		if another = t.what != e.File; !another {
			t.done, t.total, t.statements, t.activity = e.Bytes, e.Total, e.Statements, e.Activity
		}
	})
	if !another {
		return
	}
	if i := p.course.find(e.File); i >= 0 {
		p.started(p.course.steps[i])
	}
}

// applied tells that a step is done: with a line, or on a terminal with a row
// of the table that grows there.
func (p *printer) applied(e fastmigrate.Applied) {
	p.live.end()
	if !p.terminal || len(p.course.steps) == 0 {
		p.result("%s %s (%s)", done(e.Step), fileOf(e.Step), span(e.Result.Duration))
		return
	}
	statements, bytes := "", ""
	if e.Step.Body().Kind() == migration.KindSQL {
		statements, bytes = fmt.Sprint(e.Result.Statements), size(e.Step.Traits.Bytes)
	}
	if !p.course.headed {
		p.course.headed = true
		p.row(strings.ToUpper(done(e.Step)), "STATEMENTS", "SIZE", "TIME")
	}
	p.row(clean(e.Step.File()), statements, bytes, span(e.Result.Duration))
}

// row writes one row of the table of what is done, with as many columns as the
// terminal has room for.
func (p *printer) row(name, statements, bytes, took string) {
	names := max(p.course.names, len("ROLLED BACK"))
	tail := fmt.Sprintf("  %12s", took)
	columns := p.columns()
	if columns == 0 {
		columns = 80
	}
	room := columns - names - len(tail)
	if room >= 10 {
		tail = fmt.Sprintf("  %8s", bytes) + tail
		room -= 10
	}
	if room >= 12 {
		tail = fmt.Sprintf("  %10s", statements) + tail
	}
	if room < 0 {
		names = max(8, names+room)
	}
	name = middle(name, names)
	p.result("%s%s%s", name, strings.Repeat(" ", max(0, names-width(name))), tail)
}
