package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/importer"
	"github.com/fastmigrate/fastmigrate/migration"
)

// importFlags are those of the verb import.
type importFlags struct {
	from, source, table string
	dryRun, filesOnly   bool
}

// importCommand is the verb that takes over what another tool migrates.
func (a *app) importCommand() *cobra.Command {
	var f importFlags
	c := a.newVerb(groupSetUp, "import", "Take over the migrations and the database of another tool", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.imports(ctx, f) })
	c.Long = `Takes over what goose, golang-migrate or dbmate migrates: writes its migrations into
the folder that --migrations names, as ours, and enrolls the database at the version
that the tool's own table says. The tool's folder and table are left as they are.
What can't be carried over is listed, and its number is taken by a script that stops.
Where the folder was written before, as for another database, the database alone is
enrolled. --dry-run shows what would be done.`
	flags := c.Flags()
	flags.StringVar(&f.from, "from", "", "the other tool: `goose|golang-migrate|dbmate`")
	flags.StringVar(&f.source, "source", "", "the `FOLDER` of its migrations")
	flags.StringVar(&f.table, "table", "", "the `NAME` of its table (default: the tool's own)")
	flags.BoolVar(&f.filesOnly, "files-only", false, "write the folder, and leave the database alone")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show what would be done, and write nothing")
	_ = c.RegisterFlagCompletionFunc("from", cobra.FixedCompletions(importer.Tools(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) imports(ctx context.Context, f importFlags) (outcome, error) {
	out := &ImportOutput{From: f.from, Source: f.source, DryRun: f.dryRun}
	tool, err := importer.Parse(f.from)
	if err != nil {
		return out, wrongUsage("--from %v", err)
	}
	if f.source == "" {
		return out, &usageError{message: "--source is missing", hint: "name the folder of the migrations of " + f.from}
	}
	if a.settings, err = a.settle(); err != nil {
		return out, err
	}
	if sameFolder(f.source, a.settings.folder) {
		return out, &usageError{
			message: "--source and --migrations are the same folder: " + f.source,
			hint:    "name another one for our files with --migrations; that of " + f.from + " is left as it is",
		}
	}
	folder, err := readImport(f.source, tool)
	if err != nil {
		return out, err
	}
	if f.filesOnly {
		a.planImport(out, folder, -1)
		return out, a.writeImport(out, folder)
	}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	out.Table = first(f.table, tool.DefaultTable())
	at, err := stands(ctx, b, folder, out.Table)
	if err != nil {
		return out, err
	}
	managed, err := a.importManaged(ctx, b, at)
	if err != nil {
		return out, err
	}
	a.planImport(out, folder, at)
	if err := a.writeImport(out, folder); err != nil || out.DryRun {
		return out, err
	}
	if managed {
		a.result("%s is managed already, at version %d", a.settings.shown(), at)
		return out, nil
	}
	m, err := a.migrator(b, fastmigrate.Options{})
	if err == nil {
		err = m.EnrollAt(ctx, migration.Version(at))
	}
	if err != nil {
		return out, err
	}
	out.Enrolled = true
	a.result("%s is enrolled at version %d", a.settings.shown(), at)
	return out, nil
}

// readImport reads the folder of the other tool.
func readImport(dir string, tool importer.Tool) (*importer.Folder, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, &migration.Error{
			Op: "import", Err: fmt.Errorf("--source is no folder: %s", dir), Hint: "name the folder of the migrations of " + string(tool),
		}
	}
	folder, err := importer.Read(os.DirFS(dir), tool)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return folder, nil
}

// sameFolder says whether two paths lead to one folder.
func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y) || filepath.Clean(a) == filepath.Clean(b)
}

// stands reads the other tool's table and returns our version of what it says.
func stands(ctx context.Context, b backend.Backend, folder *importer.Folder, table string) (int, error) {
	reader, ok := b.(backend.TableReader)
	if !ok {
		return 0, &migration.Error{
			Op: "import", Err: fmt.Errorf("%w: read a table of %s over %s", migration.ErrUnsupported, folder.Tool, b.Name()),
			Hint: "--files-only writes the folder; then fastmigrate enroll --at N",
		}
	}
	rows, err := reader.ReadTable(ctx, table)
	if errors.Is(err, migration.ErrNoTable) {
		return 0, &migration.Error{
			Op: "import", Err: fmt.Errorf("%s has not migrated this database: %w", folder.Tool, err),
			Hint: "name its table with --table if it has another name; --files-only writes the folder, for new databases",
		}
	}
	if err != nil {
		return 0, err
	}
	return folder.Stands(importer.Table(rows))
}

// importManaged says whether the database is enrolled already where it should
// be. At another version it is not one to be imported.
func (a *app) importManaged(ctx context.Context, b backend.Backend, at int) (bool, error) {
	state, err := b.State(ctx)
	switch {
	case errors.Is(err, migration.ErrNotManaged):
		return false, nil
	case err != nil:
		return false, err
	case state == migration.Version(at).State():
		return true, nil
	}
	return false, &migration.Error{
		Op:   "import",
		Err:  fmt.Errorf("%w, at version %s, and the other tool's table says %d", migration.ErrManaged, state, at),
		Hint: "an imported database goes on with fastmigrate up; nothing was changed",
	}
}
