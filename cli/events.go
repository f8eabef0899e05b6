package cli

import (
	"fmt"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// event tells what happens during a run, as it happens. The standard output
// gets a line for each migration that is done; what is of passing interest goes
// to the standard error.
func (p *printer) event(e fastmigrate.Event) {
	switch e := e.(type) {
	case fastmigrate.Waiting:
		if !p.quiet {
			p.complain("waiting for another run%s\n", suffix(": ", e.Holder))
		}
		p.doing("waiting for another run")
	case fastmigrate.Planned:
		p.live.end() // of waiting
		p.course = newCourse(e.Plan)
		if !e.Plan.Empty() {
			p.note("from %s to %s: %s", e.Plan.Start.Named(e.Plan.Kind), e.Plan.End, count(len(e.Plan.Steps), "migration"))
		}
	case fastmigrate.BackedUp:
		p.result("backed up to %s", e.File)
	case fastmigrate.Copied:
		p.note("running on the copy %s: %s", e.File, e.Why)
	case fastmigrate.Restored:
		p.result("restored from %s; what the run had made of the database is in %s", e.File, e.Kept)
	case fastmigrate.Started:
		p.flush() // this one may take its time
		p.note("running %s", e.Step.File())
		p.started(e.Step)
	case fastmigrate.Progressed:
		if e.Activity != "" {
			p.note("%s: %s", e.File, e.Activity)
		}
		p.progress(e)
	case fastmigrate.Interpreter:
		if !p.told[e.Language] {
			p.note(".%s migrations are run by %s (%s)", e.Language, e.Path, e.Why)
			p.told[e.Language] = true
		}
	case fastmigrate.Printed:
		if p.verbose {
			p.child(e.Chunk)
		}
	case fastmigrate.Applied:
		if p.rehearsal {
			p.live.end()
			return // what happened to a copy is told in the end
		}
		p.applied(e)
	case fastmigrate.Failed:
		p.live.end()
	case fastmigrate.Found:
		p.finding(e.Finding)
	}
}

// done says what became of a migration whose step is durable. An edge of a graph
// that leads down is applied like any other.
func done(s plan.Step) string {
	if s.Direction == migration.Down && s.Migration.Up != nil {
		return "rolled back"
	}
	return "applied"
}

// fileOf returns the name that a step's migration goes by, also where it is taken
// back.
func fileOf(s plan.Step) string {
	if s.Migration.Up != nil {
		return s.Migration.Up.File()
	}
	return s.File()
}

// suffix returns text with something before it, or "" where there is no text.
func suffix(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

// count returns a number of things, in the singular for one.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// span returns a duration as people say it.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	d = d.Round(time.Second)
	if d < time.Hour {
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}
