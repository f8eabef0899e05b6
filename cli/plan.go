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
	c := a.newVerb(groupLook, "plan", "Tell what up, down or to would do", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.plan(ctx, f) })
	c.Long = `Tells what up would do, down with --down, or to with --to: which migrations, in
which order, and which of them share a transaction. Takes no lock and writes nothing.`
	flags := c.Flags()
	flags.Var(&f.to, "to", "go to a version, or to a revision of a graph, up or down as need be")
	directionFlag(c, &f.direction)
	flags.BoolVar(&f.down, "down", false, "plan the way back")
	flags.Var(&f.steps, "steps", "with --down: how many migrations to take back (default 1)")
	flags.BoolVar(&f.sql, "sql", false, "print the bodies, too")
	flags.BoolVar(&f.strict, "strict", false, "fail where there would be a warning")
	return c
}

type planFlags struct {
	to                place
	steps             number
	direction         string
	down, sql, strict bool
}

// planGoal returns where a plan is to lead.
func (a *app) planGoal(f planFlags) (fastmigrate.Goal, error) {
	switch {
	case f.direction != "" && (f.down || f.to.text == ""):
		return fastmigrate.Goal{}, wrongUsage("--direction goes with --to, and not with --down")
	case f.down:
		return a.backGoal(f.to, f.steps)
	case f.steps.value != nil:
		return fastmigrate.Goal{}, wrongUsage("--steps goes with --down")
	case f.to.text != "":
		return a.towards(f.to, f.direction)
	}
	return fastmigrate.Goal{}, nil
}

func (a *app) plan(ctx context.Context, f planFlags) (outcome, error) {
	out := &PlanOutput{Steps: []StepObject{}}
	if err := a.ready(); err != nil {
		return out, err
	}
	goal, err := a.planGoal(f)
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
	out.stood(a.kind, p.Start)
	out.stands(a.kind, p.End)
	out.Direction = p.Direction.String()
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
	if !o.known() {
		return
	}
	comment := ""
	if len(o.Steps) > 0 && o.Steps[0].Body != "" {
		comment = "-- "
	}
	if len(o.Steps) == 0 {
		if o.Error == nil {
			p.answer("%s, nothing to do", o.standing(o.Database))
		}
		return
	}
	p.answer("%s%s goes from %s to %s by %s", comment, o.Database, o.fromPlace(), o.end(), count(len(o.Steps), "migration"))
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
