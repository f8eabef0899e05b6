package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
)

// toCommand is the verb that goes to a place, whichever way leads there.
func (a *app) toCommand() *cobra.Command {
	var f runFlags
	var direction string
	c := a.newVerb(groupMigrate, "to VERSION", "Go to a version, or to a revision, up or down as need be", oneArgument("the version, or the revision"),
		func(ctx context.Context, args []string) (outcome, error) {
			return a.goes(ctx, f, func() (fastmigrate.Goal, error) { return a.towards(place{args[0], true}, direction) })
		})
	c.Long = `Brings the database to a version of numbered files, to a function by its number, or
to a revision of a graph: up or down, whichever leads there. With nothing to do it
neither locks nor writes. Where a graph has a way up and one down --direction says
which is meant. 0, none and initial are where nothing is applied.`
	f.register(c)
	f.registerCreate(c)
	directionFlag(c, &direction)
	return c
}
