package cli

import (
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

// text writes the last line of a run that went well; what was applied was told
// before.
func (o *RunOutput) text(p *printer) {
	switch {
	case !o.OK:
	case o.DryRun && len(o.Pending) > 0:
		writeSteps(p, o.Pending)
		if o.OnCopy != "" {
			p.result("on a copy, which then becomes the database: %s", o.OnCopy)
		}
		p.result("%s would be at %s (%s, nothing was written)", o.Database, o.place(), count(len(o.Pending), "migration"))
	case len(o.Applied) == 0:
		p.result("%s, nothing to do", o.standing(o.Database))
	default:
		if p.course.headed {
			p.result("")
		}
		p.result("%s (%s in %s)", o.standing(o.Database),
			o.did(), span(time.Duration(o.DurationMS)*time.Millisecond))
	}
}

// closing says, after an error, where the database stands.
func (o *RunOutput) closing(p *printer) {
	if !o.known() || o.DryRun {
		return
	}
	parts := []string{"nothing was " + o.verb()}
	if len(o.Applied) > 0 {
		parts[0] = o.did()
	}
	if o.Failed != nil {
		parts = append(parts, o.Failed.File+" failed")
	}
	if n := len(o.Pending); n == 1 {
		parts = append(parts, "1 was not tried")
	} else if n > 1 {
		parts = append(parts, count(n, "migration")+" were not tried")
	}
	p.complain("%s: %s\n", o.standing(o.Database), strings.Join(parts, ", "))
}

// did says how many migrations a run was about.
func (o *RunOutput) did() string {
	return count(len(o.Applied), "migration") + " " + o.verb()
}

// verb says what the run does with a migration.
func (o *RunOutput) verb() string {
	if o.Kind != migration.Revisions && (o.Command == "down" || o.Direction == migration.Down.String()) {
		return "rolled back"
	}
	return "applied"
}
