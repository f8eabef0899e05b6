package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// completer says what a shell may complete a word to.
type completer = func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective)

// completes tells cobra what the values of all flags are completed to. The shell
// asks for that by a verb of its own; all other calls go without.
func (a *app) completes(c *cobra.Command) {
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.NoOptDefVal == "" {
			_ = c.RegisterFlagCompletionFunc(f.Name, a.completerOf(f)) // unless its verb did
		}
	})
	for _, verb := range c.Commands() {
		a.completes(verb)
	}
}

// versionFlags are the flags whose value is a version. Other numbers are counts.
var versionFlags = []string{"to", "at", "retry", "mark-applied"}

// completerOf returns what completes the value of a flag: versions, or by the word
// that its help has for the value.
func (a *app) completerOf(f *pflag.Flag) completer {
	word, _ := pflag.UnquoteUsage(f)
	if word == "N" && !slices.Contains(versionFlags, f.Name) {
		return cobra.NoFileCompletions
	}
	return a.completerFor(word)
}

// completerFor returns what completes a word that help calls so.
func (a *app) completerFor(word string) completer {
	switch word {
	case "N", "VERSION":
		return a.completeVersion
	case "FOLDER", "DIR":
		return completeFolder
	case "FILE", "PATH", "INTERPRETER":
		return completeFile
	}
	return cobra.NoFileCompletions
}

func completeFolder(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func completeFile(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// completeVersion completes to the versions that there are migrations for, written
// as they were begun, 12 or 0012, or to the revisions of a graph. The database is
// not asked.
func (a *app) completeVersion(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	if len(args) > 0 || a.ready() != nil {
		return nil, directive
	}
	migrations, err := a.source.Migrations()
	if err != nil {
		return nil, directive
	}
	var all []string
	add := func(text, about string) {
		if strings.HasPrefix(text, begun) {
			all = append(all, cobra.CompletionWithDesc(text, clean(about)))
		}
	}
	if a.kind == migration.Revisions {
		if graph, err := plan.NewMap(migrations); err == nil {
			for _, r := range graph.Revisions() {
				add(string(r), "a revision")
			}
		}
		return all, directive
	}
	if c.Name() == "down" && a.kind == migration.Files {
		add("0", "before the first")
	}
	for _, m := range migrations {
		text := m.Version.String()
		if begun != "" && begun[0] != '0' || a.kind == migration.Functions {
			text = strconv.FormatInt(int64(m.Version), 10)
		}
		add(text, m.Up.File())
	}
	return all, directive
}
