package cli

import (
	"context"
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// createCommand is the verb that makes a database.
func (a *app) createCommand() *cobra.Command {
	var database bool
	c := a.newVerb(groupSetUp, "create", "Make the database, at version 0", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.createManaged(ctx, database) })
	c.Long = `Makes the database, at version 0, and the folders that lead to it. One that is
managed already is left as it is; anything else that is there is an error. On a
server it makes the version table in a database that is there; --create-database
makes the database, too.`
	c.Flags().BoolVar(&database, "create-database", false, "make the database itself first, on a server that does not have it")
	return c
}

// createDatabase makes a database on a server, if that is asked for. One that is
// there already is as good.
func createDatabase(ctx context.Context, b backend.Backend, asked bool) error {
	server, ok := b.(backend.DatabaseCreator)
	if !asked || !ok {
		return nil // Create makes a file by itself
	}
	if err := server.CreateDatabase(ctx); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func (a *app) createManaged(ctx context.Context, database bool) (outcome, error) {
	out := &DatabaseOutput{}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	if err := createDatabase(ctx, b, database); err != nil {
		return out, err
	}
	err = b.Create(ctx)
	if err != nil && !errors.Is(err, migration.ErrManaged) {
		return out, err
	}
	out.Created = err == nil
	at, err := b.State(ctx)
	if err != nil {
		return out, err
	}
	out.stands(a.kind, at)
	if out.Created {
		a.result("created %s at %s", a.settings.shown(), out.place())
	} else {
		a.result("%s is managed already, at %s", a.settings.shown(), out.place())
	}
	return out, nil
}

// text writes nothing: the verbs that print a DatabaseOutput have each their
// own words, and write them as they go.
func (*DatabaseOutput) text(*printer) {}
