package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// compatCreate is fastmigrate_create_db. All it has to say about the database
// goes to stdout.
func compatCreate(ctx context.Context, c *compatCall) int {
	if err := c.settle(); err != nil {
		return c.fail(ctx, c.Err, err)
	}
	fmt.Fprintf(c.Out, "Creating database at %s\n", c.db)
	b, err := c.open(ctx, c.db)
	if err != nil {
		return c.fail(ctx, c.Out, err)
	}
	defer b.Close()
	err = b.Create(ctx)
	if err == nil {
		fmt.Fprintf(c.Out, "Created new versioned SQLite database with version=0 at: %s\n", c.db)
		return exitSuccess
	}
	if errors.Is(err, migration.ErrManaged) {
		var v migration.Version
		if v, err = fastmigrate.Version(ctx, b); err == nil {
			fmt.Fprintf(c.Out, "A versioned database (version: %d) already exists at: %s\n", v, c.db)
			return exitSuccess
		}
	}
	return c.fail(ctx, c.Out, err)
}
