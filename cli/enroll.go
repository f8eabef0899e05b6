package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// enrollCommand is the verb that adopts an existing database.
func (a *app) enrollCommand() *cobra.Command {
	var at number
	c := a.newVerb(groupSetUp, "enroll", "Adopt an existing database that has no version yet", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.enroll(ctx, at.version()) })
	c.Long = `Adopts an existing database that has no version yet: writes its schema as the first
migration, ` + fastmigrate.EnrollFile + `, and sets its version to 1. With --at N no draft is
written: the migrations up to N are those that made the database.`
	c.Flags().Var(&at, "at", "the database stands where migration N leads")
	return c
}

func (a *app) enroll(ctx context.Context, at *migration.Version) (outcome, error) {
	out := &DatabaseOutput{}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	if err := a.enrolls(at); err != nil {
		return out, err
	}
	if at != nil {
		m, err := a.migrator(b, fastmigrate.Options{})
		if err == nil {
			err = m.EnrollAt(ctx, *at)
		}
		if err != nil {
			return out, err
		}
		out.Version = (*int64)(at)
		a.result("%s is enrolled at version %d", a.settings.shown(), *at)
		return out, nil
	}
	if out.File, err = fastmigrate.Enroll(ctx, b, a.settings.folder); err != nil {
		return out, err
	}
	one := int64(1)
	out.Version = &one
	a.result("%s is enrolled at version 1; its schema is %s", a.settings.shown(), out.File)
	return out, nil
}

// enrolls returns an error where there is nothing to enroll with.
func (a *app) enrolls(at *migration.Version) error {
	switch {
	case a.kind != migration.Files:
		return &migration.Error{
			Op: "enroll", Err: fmt.Errorf("%w: %s are not enrolled", migration.ErrUnsupported, a.kind),
			Hint: "a database without the table migrations has nothing applied; fastmigrate mark records where it stands",
		}
	case at == nil && a.config.Migrations != nil:
		return wrongUsage("enroll writes the first migration into a folder, and those of this program are in its code; --at N adopts the database")
	}
	return nil
}
