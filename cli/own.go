package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// OpenPath makes, of what opens a SQLite file, a [Config.Open]. It takes paths
// and sqlite:PATH; the error wraps [migration.ErrUnsupported] for any other
// database.
//
//	cli.Config{Open: cli.OpenPath(sqlitefile.Open)}
func OpenPath[B backend.Backend](open func(path string) B) func(context.Context, Target) (backend.Backend, error) {
	return func(_ context.Context, t Target) (backend.Backend, error) {
		path, _ := settings{database: t.Database}.path()
		if path == "" {
			scheme, _, _ := strings.Cut(t.Database, ":")
			return nil, &migration.Error{
				Op: "open", Err: fmt.Errorf("%w: URLs with the scheme %s", migration.ErrUnsupported, scheme),
				Hint: "this program opens SQLite files: a path, or sqlite:PATH",
			}
		}
		return open(path), nil
	}
}

// adapt hides the verbs that are of no use to a program with migrations of its
// own. Who calls one all the same is told why.
func (a *app) adapt(root *cobra.Command) {
	if a.config.Migrations == nil {
		return
	}
	root.Long = strings.Replace(longHelp, folderHelp, ownHelp, 1)
	root.Example = ""
	why := map[string]string{
		"new":     "new writes a file, and the migrations of this program are in its code",
		"rebuild": "rebuild writes a file, and the migrations of this program are in its code",
		"import":  "import writes files, and the migrations of this program are in its code",
		"links":   "links are the names that fastmigrate has for migrations in a folder, and those of this program are in its code",
	}
	kind := source.KindOf(a.config.Migrations)
	for _, c := range root.Commands() {
		switch reason := why[c.Name()]; {
		case reason != "":
			c.Hidden, c.Args = true, cobra.ArbitraryArgs
			c.RunE = a.does(func(context.Context, []string) (outcome, error) { return nil, wrongUsage("%s", reason) })
		case c.Name() == "graph":
			c.Hidden = kind != migration.Revisions
		case c.Name() == "enroll":
			c.Hidden = kind != migration.Files
		}
	}
}

// ours returns a hint with the name of this program in it, where a command is to
// be typed.
func (p *printer) ours(hint string) string {
	if p.program == ownName {
		return hint
	}
	return strings.ReplaceAll(hint, ownName+" ", p.program+" ")
}
