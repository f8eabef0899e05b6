package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// place is a flag that names where to go: a version, the number of a function,
// or a revision. Which of them it is depends on the migrations.
type place struct {
	text     string
	argument bool // it was no flag, but the verb's own word
}

// flagName returns how the flag is written, or "" where it is none.
func (p *place) flagName() string {
	if p.argument {
		return ""
	}
	return "--to"
}

func (p *place) String() string { return p.text }

// Set takes any word; what it means is found out later.
func (p *place) Set(text string) error {
	if text == "" {
		return errors.New("it is empty")
	}
	p.text = text
	return nil
}

// Type is what help calls the value.
func (*place) Type() string { return "VERSION" }

// flag adds the flag --to to a verb.
func (p *place) flag(c *cobra.Command) {
	c.Flags().Var(p, "to", "stop at a version, or at a revision of a graph")
}

func directionFlag(c *cobra.Command, direction *string) {
	c.Flags().StringVar(direction, "direction", "", "go this way only: `up|down`")
	completeFlag(c, "direction", "up", "down")
}

// completeFlag lets a shell complete the value of a flag.
func completeFlag(c *cobra.Command, name string, values ...string) {
	// It fails for a flag that is not there only.
	_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// state returns the place that a word names among the migrations at hand.
func (a *app) state(text string) (migration.State, error) {
	switch {
	case a.kind == migration.Revisions:
		return migration.State(text), nil
	case a.kind == migration.Functions && text == string(migration.None):
		return migration.None, nil
	}
	n, err := parseNumber(text)
	return migration.Version(n).State(), err
}

// target completes a goal by the place that a flag names, if one does.
func (a *app) target(goal fastmigrate.Goal, to place) (fastmigrate.Goal, error) {
	if to.text == "" {
		return goal, nil
	}
	var err error
	if goal.Target, err = a.state(to.text); err != nil {
		return goal, a.invalid(to.flagName(), to.text, err)
	}
	return goal, nil
}

// invalid says that a word names no place, and which may have been meant.
func (a *app) invalid(flag, text string, err error) error {
	usage := &usageError{message: err.Error()}
	before := flag
	if flag == "" {
		before = a.verb()
	} else {
		usage.message = fmt.Sprintf("invalid argument %q for %q flag: %v", text, flag, err)
	}
	if a.command != nil {
		usage.hint = helpHint(a.command)
	}
	if a.kind == migration.Files && a.root != nil {
		if v := a.versionIn(text); v != "" {
			usage.hint = fmt.Sprintf("did you mean %s %s?", before, v)
		}
	}
	return usage
}

// again notes in a goal what is to be run again, if a flag says so.
func (a *app) again(goal *fastmigrate.Goal, retry place) error {
	if retry.text == "" {
		return nil
	}
	s, err := a.state(retry.text)
	if err == nil && a.kind == migration.Revisions {
		goal.RetryTo = s
		return nil
	}
	var v migration.Version
	if err == nil {
		v, err = s.Version()
	}
	if err != nil {
		return a.invalid("--retry", retry.text, err)
	}
	goal.Retry = &v
	return nil
}

// towards returns the goal of going to a place, in one direction where that is
// said.
func (a *app) towards(to place, direction string) (fastmigrate.Goal, error) {
	goal := fastmigrate.Goal{Open: direction == ""}
	if direction != "" {
		var err error
		if goal.Direction, err = migration.ParseDirection(direction); err != nil {
			return goal, wrongUsage("--%v", err)
		}
	}
	return a.target(goal, to)
}

// backGoal returns where to go down to.
func (a *app) backGoal(to place, steps number) (fastmigrate.Goal, error) {
	goal := fastmigrate.Goal{Direction: migration.Down}
	switch {
	case steps.value == nil:
		return a.target(goal, to)
	case to.text != "":
		return goal, wrongUsage("--to and --steps exclude each other")
	case *steps.value == 0:
		return goal, wrongUsage("--steps must be 1 or more")
	}
	goal.Steps = int(*steps.value)
	return goal, nil
}
