package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// compatRun is fastmigrate_run_migrations. On success it prints nothing.
func compatRun(ctx context.Context, c *compatCall) int {
	if err := c.settle(); err != nil {
		return c.fail(ctx, c.Err, err)
	}
	r := &compatRunner{compatCall: c}
	if hasHooks(c.migrations) {
		return r.hooked(ctx)
	}
	r.debugf("mode=sqlite db=%s migrations_dir=%s", c.db, c.migrations)
	current, err := r.stands(ctx)
	if errors.Is(err, migration.ErrNoDatabase) {
		fmt.Fprintf(c.Err, "Error: %s\n", c.missing())
		return exitFailure
	}
	if err == nil {
		r.migrations, err = source.Dir(c.migrations).UpOnly().Migrations()
	}
	if err == nil && c.values.Bool("backup") {
		err = r.backUp(ctx)
	}
	if err != nil {
		return c.fail(ctx, c.Err, err)
	}
	// The database is opened as it was written, for that is how outside
	// programs are to be given it. A slash behind a file's name opens nothing.
	path := r.given
	if os.IsPathSeparator(path[len(path)-1]) {
		path = r.db
	}
	b, err := r.open(ctx, path)
	if err != nil {
		return r.fail(ctx, r.Err, err)
	}
	return r.run(ctx, b, current)
}

// compatRunner is one run. It is the source of its migrations, which are read
// once.
type compatRunner struct {
	*compatCall
	migrations []migration.Migration
	planned    bool            // what is pending has been told
	begun      migration.State // where the last step leads whose beginning has been told
	trailing   bool            // something failed behind the record of its migration
}

// errTrailing ends a run in which all migrations are applied and something
// failed that stands behind the last commit of one. It has been printed.
var errTrailing = errors.New("a statement behind the last commit failed")

// Migrations returns what was read.
func (r *compatRunner) Migrations() ([]migration.Migration, error) { return r.migrations, nil }

// stands returns the version that the database is at.
func (r *compatRunner) stands(ctx context.Context) (migration.Version, error) {
	b, err := r.open(ctx, r.db)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	v, err := fastmigrate.Version(ctx, b)
	if errors.Is(err, migration.ErrNoDatabase) {
		r.debugf("db_exists=False")
	} else {
		r.debugf("db_exists=True")
	}
	return v, err
}

// backUp makes a backup before the run.
func (r *compatRunner) backUp(ctx context.Context) error {
	b, err := r.open(ctx, r.db)
	if err != nil {
		return err
	}
	defer b.Close()
	return r.backup(ctx, b)
}

// run applies what is pending above the version that the database is at, and
// closes the backend.
func (r *compatRunner) run(ctx context.Context, b backend.Backend, current migration.Version) int {
	defer b.Close()
	m, err := fastmigrate.New(b, r, fastmigrate.Options{Getenv: compatGetenv, OnEvent: r.event, Tool: "fastmigrate " + programVersion()})
	if err != nil {
		return r.fail(ctx, r.Err, err)
	}
	report, failed, err := r.apply(ctx, m, current)
	switch {
	case err != nil && failed != "":
		return r.migrationFailed(ctx, failed, len(report.Applied), err)
	case err != nil:
		return r.fail(ctx, r.Err, err)
	case len(report.Applied) == 0:
		r.debugf("result=up_to_date current_version=%s", report.End)
	default:
		r.debugf("result=success applied=%d final_version=%s", len(report.Applied), report.End)
	}
	if r.trailing {
		return compatExit(ctx, errTrailing)
	}
	return exitSuccess
}

// apply applies what is pending, and returns the file of the migration that
// failed, if one did.
func (r *compatRunner) apply(ctx context.Context, m *fastmigrate.Migrator, current migration.Version) (report *fastmigrate.Report, failed string, err error) {
	report, err = m.Up(ctx)
	if at, unknown := report.Start.Version(); unknown == nil {
		current = at // of a database that others moved meanwhile
	}
	refused := r.refused(report, err)
	for refused != nil && ctx.Err() == nil {
		// Nothing is run where a script is refused. The Python tool finds that
		// out when it comes to the script: what stands before it is applied.
		err = split(err)[0]
		before := r.before(current, refused.Version)
		if before == current {
			break
		}
		var earlier error
		if report, earlier = m.UpTo(ctx, before); earlier == nil {
			break
		}
		err = earlier
		refused = r.refused(report, err)
	}
	switch {
	case report.Failed != nil:
		failed = report.Failed.File()
	case refused != nil:
		failed = refused.Up.File()
		r.tellPlanned(current)
		r.tellBegun(refused.Version.State(), failed)
	}
	return report, failed, err
}

// refused returns the migration that could not be run because of what is in its
// file, or nil where that is not what went wrong.
func (r *compatRunner) refused(report *fastmigrate.Report, err error) *migration.Migration {
	var placed *migration.Error
	if report.Failed != nil || !errors.As(err, &placed) || placed.Op != "inspect" && placed.Op != "read" {
		return nil
	}
	for i := range r.migrations {
		if r.migrations[i].Up.File() == placed.Origin.File {
			return &r.migrations[i]
		}
	}
	return nil
}

// before returns the newest version below v, or current if that is newer.
func (r *compatRunner) before(current, v migration.Version) migration.Version {
	for _, m := range r.migrations {
		if m.Version < v {
			current = max(current, m.Version)
		}
	}
	return current
}

// migrationFailed tells of a migration that failed.
func (r *compatRunner) migrationFailed(ctx context.Context, file string, applied int, err error) int {
	var located *migration.Error
	if errors.As(err, &located) && located.Output != "" && !r.verbose() {
		fmt.Fprintln(r.Err, strings.TrimSuffix(located.Output, "\n"))
	}
	code := r.fail(ctx, r.Err, err)
	fmt.Fprintf(r.Err, "Migration failed: %s\n  • %d migrations applied\n  • 1 migrations failed\n",
		filepath.Join(r.compatCall.migrations, file), applied)
	return code
}
