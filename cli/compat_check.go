package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// compatCheck is fastmigrate_check_version. A database without a version table
// is an answer, not a failure.
func compatCheck(ctx context.Context, c *compatCall) int {
	fmt.Fprintf(c.Out, "FastMigrate version: %s\n", programVersion())
	if err := c.settle(); err != nil {
		return c.fail(ctx, c.Err, err)
	}
	b, err := c.open(ctx, c.db)
	if err != nil {
		return c.fail(ctx, c.Out, err)
	}
	defer b.Close()
	v, err := fastmigrate.Version(ctx, b)
	switch {
	case err == nil:
		fmt.Fprintf(c.Out, "Database version: %d\n", v)
		return exitSuccess
	case errors.Is(err, migration.ErrNoDatabase):
		fmt.Fprintln(c.Out, c.missing())
		return exitFailure
	case errors.Is(err, migration.ErrNotManaged):
		fmt.Fprintln(c.Out, "Database is unversioned (no _meta table)")
		return exitSuccess
	}
	return c.fail(ctx, c.Out, err)
}
