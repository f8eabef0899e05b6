package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// createCommand is the verb that makes a database.
func (a *app) createCommand() *cobra.Command {
	c := a.newVerb(groupSetUp, "create", "Make the database, at version 0", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.createDatabase(ctx) })
	c.Long = `Makes the database, at version 0, and the folders that lead to it. One that is
managed already is left as it is; anything else that is there is an error.`
	return c
}

func (a *app) createDatabase(ctx context.Context) (outcome, error) {
	out := &DatabaseOutput{}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	err = b.Create(ctx)
	if err != nil && !errors.Is(err, migration.ErrManaged) {
		return out, err
	}
	out.Created = err == nil
	v, err := fastmigrate.Version(ctx, b)
	if err != nil {
		return out, err
	}
	out.Version = (*int64)(&v)
	if out.Created {
		a.result("created %s at version %d", a.settings.shown(), v)
	} else {
		a.result("%s is managed already, at version %d", a.settings.shown(), v)
	}
	return out, nil
}

// text writes nothing: the verbs that print a DatabaseOutput have each their
// own words, and write them as they go.
func (*DatabaseOutput) text(*printer) {}
