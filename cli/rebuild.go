package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// rebuildFlags say what becomes of a table.
type rebuildFlags struct {
	wish         backend.Rebuild
	options      string
	rename, fill []string
	title        string
}

// rebuildCommand is the verb that writes a migration which makes a table anew.
func (a *app) rebuildCommand() *cobra.Command {
	var f rebuildFlags
	var c *cobra.Command
	c = a.newVerb(groupSetUp, "rebuild TABLE", "Write the migration that makes a table of SQLite anew", nil,
		func(ctx context.Context, args []string) (outcome, error) {
			if c.Flags().Changed("options") {
				f.wish.Options = &f.options
			}
			return a.rebuild(ctx, args, f)
		})
	c.Args = cobra.ArbitraryArgs
	c.Long = `Writes the next migration: a script that makes a table of SQLite anew and takes its
rows over, for changes that ALTER TABLE can't make. Indexes, triggers, views and
foreign keys stay, and the script fails where a row would be lost. It has been run
on an empty copy of the schema. Without a change it is a draft, for you to edit.`
	c.Example = `  fastmigrate rebuild products --change 'price REAL NOT NULL' --fill 'price=coalesce(price, 0)'
  fastmigrate rebuild people --rename name=full_name --drop age
  fastmigrate rebuild people --columns 'id INTEGER PRIMARY KEY, name TEXT NOT NULL' --drop age
  fastmigrate rebuild people     write a draft with the present definition in it`
	flags := c.Flags()
	flags.StringVar(&f.wish.Columns, "columns", "", "the whole new `DEFINITION`: what stands between the parentheses of CREATE TABLE, or that statement")
	flags.StringVar(&f.options, "options", "", "what stands behind the parentheses: STRICT, WITHOUT ROWID, or nothing (default: as it is)")
	flags.StringArrayVar(&f.wish.Change, "change", nil, "the new `DEFINITION` of a column; may be given several times, like those below")
	flags.StringArrayVar(&f.wish.Add, "add", nil, "the `DEFINITION` of a new column, or a constraint of the table")
	flags.StringArrayVar(&f.wish.Drop, "drop", nil, "the `COLUMN` whose values are to be lost")
	flags.StringArrayVar(&f.rename, "rename", nil, "`OLD=NEW`: another name of a column, here and in all that refers to it")
	flags.StringArrayVar(&f.fill, "fill", nil, "`COLUMN=EXPRESSION`: what a column gets, out of the old row")
	flags.StringArrayVar(&f.wish.Without, "without", nil, "the `NAME` of an index, trigger or view that is not made anew")
	flags.StringVar(&f.title, "name", "", "the `NAME` of the migration (default: rebuild TABLE)")
	return c
}

func (a *app) rebuild(ctx context.Context, args []string, f rebuildFlags) (outcome, error) {
	out := &FilesOutput{Files: []string{}}
	if len(args) != 1 || args[0] == "" {
		return out, &usageError{message: "rebuild takes the name of one table", hint: a.config.Name + " rebuild people --change 'name TEXT NOT NULL'"}
	}
	f.wish.Table = args[0]
	if f.wish.Columns != "" && len(f.wish.Change)+len(f.wish.Add) > 0 {
		return out, wrongUsage("--columns is the whole definition, and goes neither with --change nor with --add")
	}
	for _, pair := range f.rename {
		from, to, ok := strings.Cut(pair, "=")
		if !ok || from == "" || to == "" {
			return out, wrongUsage("--rename is OLD=NEW, and not %q", pair)
		}
		f.wish.Rename = append(f.wish.Rename, backend.Rename{From: strings.TrimSpace(from), To: strings.TrimSpace(to)})
	}
	for _, pair := range f.fill {
		column, expression, ok := strings.Cut(pair, "=")
		if !ok || strings.TrimSpace(expression) == "" {
			return out, wrongUsage("--fill is COLUMN=EXPRESSION, and not %q", pair)
		}
		if f.wish.Fill == nil {
			f.wish.Fill = make(map[string]string)
		}
		f.wish.Fill[strings.TrimSpace(column)] = strings.TrimSpace(expression)
	}
	return a.writeRebuild(ctx, f.wish, first(f.title, "rebuild "+f.wish.Table), out)
}

// writeRebuild writes the script as the next migration.
func (a *app) writeRebuild(ctx context.Context, wish backend.Rebuild, title string, out *FilesOutput) (outcome, error) {
	slug := slugOf(title)
	if slug == "" {
		slug = "rebuild"
	}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	if err := a.newest(ctx, b); err != nil {
		return out, err
	}
	script, err := fastmigrate.Rebuild(ctx, b, wish)
	if err != nil {
		return out, err
	}
	next, err := nextVersion(a.settings.folder)
	if err != nil {
		return out, err
	}
	out.Version = (*int64)(&next)
	label := migration.Migration{Version: next, Name: slug}.Label()
	err = out.write([]draft{{filepath.Join(a.settings.folder, label+".sql"), "-- " + label + "\n" + string(script)}})
	return out, err
}

// newest fails where migrations are pending: the script would be written for a
// table that is not the one it meets.
func (a *app) newest(ctx context.Context, b backend.Backend) error {
	if a.kind != migration.Files {
		return wrongUsage("rebuild writes a numbered file, and these migrations are %s", a.kind)
	}
	at, err := fastmigrate.Version(ctx, b)
	if err != nil {
		return err
	}
	migrations, err := a.source.Migrations()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if newest := plan.Newest(migrations); err == nil && newest > at {
		return &migration.Error{
			Op:   "rebuild",
			Err:  fmt.Errorf("%s is at version %d, and there are migrations up to %d: the table may be another when they have run", a.settings.shown(), at, newest),
			Hint: a.config.Name + " up, and then again",
		}
	}
	return err
}
