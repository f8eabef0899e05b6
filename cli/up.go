package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
)

// upCommand is the verb that applies what is pending.
func (a *app) upCommand() *cobra.Command {
	var f runFlags
	c := a.newVerb(groupMigrate, "up", "Apply the migrations above the database's version", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) {
			return a.goes(ctx, f, func() (fastmigrate.Goal, error) { return a.target(fastmigrate.Goal{}, f.to) })
		})
	c.Long = `Applies the migrations above the database's version, in order, and stops at the
first that fails; what was applied before it stays. With nothing to do it
neither locks nor writes. Along a graph it goes to the revision that --to names, or
to the only one at the end.`
	f.to.flag(c)
	f.register(c)
	f.registerCreate(c)
	c.Flags().Var(&f.markApplied, "mark-applied", "say that migration N, the next, is applied, and go on behind it")
	return c
}
