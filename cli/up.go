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
			return a.goes(ctx, f, fastmigrate.Goal{To: f.to.version(), Retry: f.retry.version(), ResumeFrom: f.resumeFrom})
		})
	c.Long = `Applies the migrations above the database's version, in order, and stops at the
first that fails; what was applied before it stays. With nothing to do it
neither locks nor writes.`
	f.register(c)
	c.Flags().BoolVar(&f.create, "create", false, "make the database first where there is none")
	c.Flags().Var(&f.markApplied, "mark-applied", "say that migration N, the next, is applied, and go on behind it")
	c.Flags().BoolVar(&f.createDatabase, "create-database", false, "make the database itself first, on a server that does not have it")
	return c
}
