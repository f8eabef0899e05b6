package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// downCommand is the verb that takes migrations back.
func (a *app) downCommand() *cobra.Command {
	var f runFlags
	var steps number
	c := a.newVerb(groupMigrate, "down", "Take migrations back by their rollback scripts", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) {
			goal, err := downGoal(f.to, steps)
			if err != nil {
				return &RunOutput{}, err
			}
			goal.Retry, goal.ResumeFrom = f.retry.version(), f.resumeFrom
			return a.goes(ctx, f, goal)
		})
	c.Long = `Takes the newest migration back, or as many as --steps says, or all above the
version that --to names, by the scripts in the folder rollback of the migrations.
Nothing is done unless each of them has its script.`
	f.register(c)
	c.Flags().Var(&steps, "steps", "how many migrations to take back (default 1)")
	return c
}

// downGoal returns where to go down to.
func downGoal(to, steps number) (fastmigrate.Goal, error) {
	goal := fastmigrate.Goal{Direction: migration.Down, To: to.version()}
	if steps.value == nil {
		return goal, nil
	}
	if goal.To != nil {
		return goal, wrongUsage("--to and --steps exclude each other")
	}
	if *steps.value == 0 {
		return goal, wrongUsage("--steps must be 1 or more")
	}
	goal.Steps = int(*steps.value)
	return goal, nil
}
