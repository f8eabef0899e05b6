package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/schemadiff"
)

// diffCommand is the verb that compares schemas.
func (a *app) diffCommand() *cobra.Command {
	var python string
	c := a.newVerb(groupLook, "diff [OTHER]", "Compare the schema with what the migrations build, or with another database", nil,
		func(ctx context.Context, args []string) (outcome, error) {
			a.python = python
			return a.diff(ctx, args)
		})
	c.Args = cobra.ArbitraryArgs
	c.Long = `Compares the schema of the database with what the migrations build from nothing, up
to the version that the database is at: whether it has drifted from them. They are
run on a temporary database, outside programs included: these get its path, and
what they do elsewhere, they do. With OTHER it compares the database with another.
Exits with 5 where they differ: + is there more in the second, - is missing in it.
Writes nothing to any of the databases.`
	c.Example = `  fastmigrate diff               what the migrations build, and the database
  fastmigrate diff staging.db    the database, and another`
	c.Flags().StringVar(&python, "python", "", "the `INTERPRETER` of .py migrations")
	return c
}

func (a *app) diff(ctx context.Context, args []string) (outcome, error) {
	out := &DiffOutput{Differences: []backend.Difference{}}
	if len(args) > 1 {
		return out, wrongUsage("diff takes one other database at most")
	}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	from, to := b, b
	if len(args) == 1 {
		if to, err = a.other(ctx, args[0]); err != nil {
			return out, err
		}
		defer to.Close()
		out.From, out.To = a.settings.shown(), settings{database: tidy(args[0])}.shown()
	} else {
		scratch, at, cleanup, err := a.built(ctx, b)
		defer cleanup()
		if err != nil {
			return out, err
		}
		from = scratch
		out.stands(a.kind, at)
		out.From, out.To = fmt.Sprintf("what the migrations in %s build up to %s", first(a.settings.folder, "the program"), at.Named(a.kind)), a.settings.shown()
	}
	found, err := schemadiff.Compare(ctx, from, to)
	if err != nil {
		return out, err
	}
	if found != nil {
		out.Differences = found
	}
	if out.Same = len(found) == 0; !out.Same {
		return out, errDiffers
	}
	return out, nil
}

// other opens another database.
func (a *app) other(ctx context.Context, name string) (backend.Backend, error) {
	b, err := a.config.Open(ctx, Target{Database: tidy(name), Getenv: a.getenv})
	if err != nil {
		return nil, err
	}
	kept, err := backend.Keep(b, backend.Book{Kind: a.kind})
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return kept, nil
}

// built makes a temporary database with what the migrations build, up to where b
// stands. The cleanup is to be called beside an error, too.
func (a *app) built(ctx context.Context, b backend.Backend) (made backend.Backend, at migration.State, cleanup func(), err error) {
	cleanup = func() {}
	if _, ok := b.(backend.Schema); !ok || a.config.Migrations == nil && hasHooks(a.settings.folder) {
		return nil, "", cleanup, &migration.Error{
			Op: "diff", Err: fmt.Errorf("compare the schema of %s: %w", a.settings.shown(), migration.ErrUnsupported),
			Hint: "diff knows SQLite; the tools of the other databases dump schemas, to be compared",
		}
	}
	if at, err = b.State(ctx); err != nil {
		return nil, "", cleanup, err
	}
	dir, err := os.MkdirTemp("", "fastmigrate-diff-")
	if err != nil {
		return nil, at, cleanup, fmt.Errorf("make a temporary folder: %w", err)
	}
	cleanup = func() { _ = os.RemoveAll(dir) }
	made, err = a.config.Open(ctx, Target{Database: filepath.Join(dir, "database.db"), Run: true, Python: a.python, Getenv: a.getenv})
	if err != nil {
		return nil, at, cleanup, err
	}
	opened := made
	cleanup = func() { _ = errors.Join(opened.Close(), os.RemoveAll(dir)) }
	if made, err = backend.Keep(made, backend.Book{Kind: a.kind}); err != nil {
		return nil, at, cleanup, err
	}
	if err := made.Create(ctx); err != nil {
		return nil, at, cleanup, err
	}
	o := fastmigrate.Options{Python: a.python, Getenv: a.getenv}
	if a.flags.verbose {
		o.OnEvent = a.printer.event
	}
	m, err := fastmigrate.New(made, a.source, o)
	if err == nil {
		_, err = m.Run(ctx, fastmigrate.Goal{Target: at})
	}
	return made, at, cleanup, err
}

// marks stand before the lines of what differs.
var marks = map[string]string{"added": "+", "removed": "-", "changed": "~"}

// text writes what differs, a line each.
func (o *DiffOutput) text(p *printer) {
	switch {
	case o.Error != nil || o.From == "":
		return
	case o.Same:
		p.result("%s and %s have the same schema", o.From, o.To)
		return
	}
	p.answer("--- %s", o.From)
	p.answer("+++ %s", o.To)
	for _, d := range o.Differences {
		what := strings.ReplaceAll(d.Kind, "-", " ")
		if d.Name != "" {
			what += " " + clean(d.Name)
		}
		if d.Table != "" && d.Table != d.Name {
			what += " of " + clean(d.Table)
		}
		p.answer("%s %s", marks[d.Change], what)
		for _, side := range []struct{ mark, text string }{{"-", d.From}, {"+", d.To}} {
			if side.text != "" && d.Kind != "table" {
				p.answer("    %s %s", side.mark, strings.ReplaceAll(strings.TrimSpace(side.text), "\n", "\n      "))
			}
		}
	}
}
