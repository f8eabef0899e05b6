package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// compatEnroll is fastmigrate_enroll_db. It prints nothing on success.
func compatEnroll(ctx context.Context, c *compatCall) int {
	if err := c.settle(); err != nil {
		return c.fail(ctx, c.Err, err)
	}
	b, err := c.open(ctx, c.db)
	if err != nil {
		return c.fail(ctx, c.Err, err)
	}
	defer b.Close()
	_, err = fastmigrate.Enroll(ctx, b, c.migrations)
	switch {
	case err == nil:
		return exitSuccess
	case errors.Is(err, migration.ErrNoDatabase):
		fmt.Fprintf(c.Err, "Error: %s\n", c.missing())
		return exitFailure
	case errors.Is(err, migration.ErrManaged):
		v, versionErr := fastmigrate.Version(ctx, b)
		if versionErr != nil {
			return c.fail(ctx, c.Out, errors.Join(err, versionErr))
		}
		fmt.Fprintf(c.Out, "Error: the database is managed already, at version %d: %s\n", v, c.db)
		return exitFailure
	}
	return c.fail(ctx, c.Err, err)
}
