package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// hooked is a run on the database that the functions of a config.py know how to
// reach. They get its name as it was written; it need not be a path.
func (r *compatRunner) hooked(ctx context.Context) int {
	exists := "False"
	if _, err := os.Stat(r.given); err == nil {
		exists = "True"
	}
	r.debugf("db_exists=%s", exists)
	r.debugf("mode=custom_backend migrations_dir=%s", r.compatCall.migrations)
	if r.values.Bool("backup") {
		return r.fail(ctx, r.Err, &migration.Error{
			Err:  fmt.Errorf("back up: %w", migration.ErrUnsupported),
			Hint: "leave --backup out, and use the tool that comes with the database; nothing was run",
		})
	}
	var err error
	if r.migrations, err = source.Dir(r.compatCall.migrations).UpOnly().Migrations(); err != nil {
		return r.fail(ctx, r.Err, err)
	}
	b, err := r.config.Open(ctx, Target{Database: r.given, Migrations: r.compatCall.migrations, Run: true, Getenv: compatGetenv})
	if err != nil {
		return r.fail(ctx, r.Err, err)
	}
	// Where another run has the lock, its end is waited for, by the run.
	current, err := fastmigrate.Version(ctx, b)
	if err != nil && !errors.Is(err, migration.ErrLocked) {
		defer b.Close()
		return r.fail(ctx, r.Err, err)
	}
	return r.run(ctx, b, current)
}
