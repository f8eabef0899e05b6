package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
)

// downCommand is the verb that takes migrations back.
func (a *app) downCommand() *cobra.Command {
	var f runFlags
	var steps number
	c := a.newVerb(groupMigrate, "down", "Take migrations back by their rollback scripts", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) {
			return a.goes(ctx, f, func() (fastmigrate.Goal, error) { return a.backGoal(f.to, steps) })
		})
	c.Long = `Takes the newest migration back, or as many as --steps says, or all above the
version that --to names, by the scripts in the folder rollback of the migrations, by
the rollbacks of functions, or by the edges of a graph that lead down. Nothing is
done unless each of them has its way back.`
	f.to.flag(c)
	f.register(c)
	c.Flags().Var(&steps, "steps", "how many migrations to take back (default 1)")
	return c
}
