package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/source"
)

// app is one call of the program.
type app struct {
	streams
	config Config
	getenv func(string) string
	args   []string
	root   *cobra.Command
	*printer

	flags struct {
		db, migrations, config string
		json, verbose, quiet   bool
	}
	python   string         // the interpreter that a flag names
	changes  bool           // the verb runs migrations
	settings settings       // once a verb has asked for them
	source   source.Source  // likewise
	kind     string         // of its migrations
	opened   bool           // the verb is about the database
	command  *cobra.Command // the verb that runs
	outcome  outcome        // what it has to say
}

// outcome is what a verb has to say: one of the structs of json.go, which can
// also be written as text. It is there beside an error, too.
type outcome interface {
	common() *Common
	// text writes what a person wants to read on the standard output.
	text(p *printer)
}

// closing is an outcome with a last word on the standard error, after an error.
type closing interface{ closing(p *printer) }

// run is Main without the process around it.
func run(ctx context.Context, args []string, s streams, getenv func(string) string, c Config) int {
	a := &app{streams: s, config: c, getenv: getenv, args: args, printer: newPrinter(s, getenv)}
	a.printer.program = first(c.Name, ownName)
	a.root = a.rootCommand()
	a.root.SetArgs(args)
	a.root.SetIn(s.In)
	a.root.SetOut(a.printer.out)
	a.root.SetErr(s.Err)
	defer a.live.watch(ctx)()
	err := a.root.ExecuteContext(ctx)
	return a.finish(ctx, err)
}

// does makes a verb's function one that cobra calls.
func (a *app) does(f func(ctx context.Context, args []string) (outcome, error)) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if err := a.begin(c); err != nil {
			return err
		}
		var err error
		a.outcome, err = f(c.Context(), args)
		return err
	}
}

// begin notes which verb runs and how it is to speak.
func (a *app) begin(c *cobra.Command) error {
	a.command = c
	if a.flags.quiet && a.flags.verbose {
		return wrongUsage("--quiet and --verbose exclude each other")
	}
	a.printer.json, a.printer.quiet, a.printer.verbose = a.flags.json, a.flags.quiet, a.flags.verbose
	return nil
}

// ready finds out what is meant, and of which kind the migrations are.
func (a *app) ready() (err error) {
	if a.settings, err = a.settle(); err != nil {
		return err
	}
	if a.source = a.config.Migrations; a.source == nil {
		if a.source, err = source.Folder(a.settings.folder); err != nil {
			return err
		}
	}
	a.kind = source.KindOf(a.source)
	return nil
}

// open returns the backend of the database that is meant, with the book that its
// migrations want. The caller closes it.
func (a *app) open(ctx context.Context) (backend.Backend, error) {
	if a.source == nil {
		if err := a.ready(); err != nil {
			return nil, err
		}
	}
	b, err := a.openAny(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := backend.Keep(b, backend.Book{Kind: a.kind})
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return kept, nil
}

// openAny is open for what has nothing to do with migrations.
func (a *app) openAny(ctx context.Context) (backend.Backend, error) {
	if a.source == nil {
		var err error
		if a.settings, err = a.settle(); err != nil {
			return nil, err
		}
	}
	a.opened = true
	t := Target{Database: a.settings.database, Migrations: a.settings.folder, Run: a.changes, Python: a.python, Getenv: a.getenv}
	if a.config.Migrations == nil && hasHooks(a.settings.folder) {
		t.Database = a.settings.given // which the hooks get to the letter
	}
	return a.config.Open(ctx, t)
}

// hasHooks says whether a folder of migrations has a config.py, whose functions
// know how to reach the database.
func hasHooks(folder string) bool { return isFile(filepath.Join(folder, "config.py")) }

// isFile says whether there is a file at path, or a link to one.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// migrator returns what brings the migrations to the database.
func (a *app) migrator(b backend.Backend, o fastmigrate.Options) (*fastmigrate.Migrator, error) {
	o.Tool = a.printer.program + " " + programVersion()
	o.Getenv = a.getenv
	o.OnEvent = a.printer.event
	return fastmigrate.New(b, a.source, o)
}
