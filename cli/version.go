package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate/migration"
)

// versionCommand is the verb that tells the versions of both.
func (a *app) versionCommand() *cobra.Command {
	c := a.newVerb(groupLook, "version", "Tell the version of the program and that of the database", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.version(ctx) })
	c.Long = `Tells the version of the program and that of the database. That there is no
database is an error only where one was named.`
	return c
}

func (a *app) version(ctx context.Context) (outcome, error) {
	out := &VersionOutput{Program: programVersion()}
	a.answer("%s %s", a.config.Name, out.Program)
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	at, err := b.State(ctx)
	if a.settings.assumed && errors.Is(err, migration.ErrNoDatabase) {
		a.answer("there is no database at %s", a.settings.shown())
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.stands(a.kind, at)
	a.answer("%s", out.standing(a.settings.shown()))
	return out, nil
}

// text writes nothing; what there is to say was written before.
func (*VersionOutput) text(*printer) {}
