package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// planCommand is the verb that tells what up or down would do.
func (a *app) planCommand() *cobra.Command {
	var f planFlags
	c := a.newVerb(groupLook, "plan", "Tell what up, or down, would do", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.plan(ctx, f) })
	c.Long = `Tells what up would do, or down with --down: which migrations, in which order, and
which of them share a transaction. Takes no lock and writes nothing.`
	flags := c.Flags()
	flags.Var(&f.to, "to", "stop at version N")
	flags.BoolVar(&f.down, "down", false, "plan the way back")
	flags.Var(&f.steps, "steps", "with --down: how many migrations to take back (default 1)")
	flags.BoolVar(&f.sql, "sql", false, "print the bodies, too")
	flags.BoolVar(&f.strict, "strict", false, "fail where there would be a warning")
	return c
}

type planFlags struct {
	to, steps         number
	down, sql, strict bool
}

// goal returns where the plan is to lead.
func (f planFlags) goal() (fastmigrate.Goal, error) {
	if f.down {
		return downGoal(f.to, f.steps)
	}
	if f.steps.value != nil {
		return fastmigrate.Goal{}, wrongUsage("--steps goes with --down")
	}
	return fastmigrate.Goal{To: f.to.version()}, nil
}

func (a *app) plan(ctx context.Context, f planFlags) (outcome, error) {
	out := &PlanOutput{Steps: []StepObject{}}
	goal, err := f.goal()
	if err != nil {
		return out, err
	}
	out.Direction = goal.Direction.String()
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	m, err := a.migrator(b, fastmigrate.Options{Strict: f.strict})
	if err != nil {
		return out, err
	}
	p, err := a.planned(ctx, m, goal)
	out.From, out.Version = versionOf(p.Start), versionOf(p.End)
	out.Steps, out.Findings = stepObjects(p), p.Findings
	if err == nil && f.sql {
		err = out.bodies(p)
	}
	return out, err
}

// planned makes a plan and tells what was found. Where there can be none, what
// is left says only where the database stands.
func (a *app) planned(ctx context.Context, m *fastmigrate.Migrator, goal fastmigrate.Goal) (fastmigrate.Plan, error) {
	p, err := m.Plan(ctx, goal)
	a.findings(p.Findings)
	if err != nil && !errors.Is(err, migration.ErrStrict) {
		p.Steps, p.End = nil, p.Start
	}
	return p, err
}

// bodies reads what the steps run.
func (o *PlanOutput) bodies(p fastmigrate.Plan) error {
	for i, s := range p.Steps {
		text, err := readBody(s)
		if err != nil {
			return err
		}
		o.Steps[i].Body = text
	}
	return nil
}

func readBody(s plan.Step) (string, error) {
	r, err := s.Body().Open()
	if err != nil {
		return "", fmt.Errorf("open %s: %w", s.File(), err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", s.File(), err)
	}
	return string(text), nil
}

// text writes the plan and, where they were asked for, the bodies. Everything
// that is not SQL is a comment then.
func (o *PlanOutput) text(p *printer) {
	if o.From == nil {
		return
	}
	comment := ""
	if len(o.Steps) > 0 && o.Steps[0].Body != "" {
		comment = "-- "
	}
	if len(o.Steps) == 0 {
		if o.Error == nil {
			p.answer("%s is at version %d, nothing to do", o.Database, *o.From)
		}
		return
	}
	p.answer("%s%s goes from version %d to %d by %s", comment, o.Database, *o.From, *o.Version, count(len(o.Steps), "migration"))
	if comment == "" {
		writeSteps(p, o.Steps)
		return
	}
	for _, s := range o.Steps {
		p.answer("\n-- %s %s: %s, %s", s.Direction, s.File, s.about(), s.together())
		body := strings.TrimRight(s.Body, "\n")
		if s.Kind != string(migration.KindSQL) {
			body = "-- " + strings.ReplaceAll(body, "\n", "\n-- ")
		}
		p.answer("%s", body)
	}
}
