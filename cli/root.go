package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// The groups that help lists the verbs in.
const (
	groupMigrate = "migrate"
	groupLook    = "look"
	groupSetUp   = "setup"
)

const (
	longHelp = `Brings a database from the schema it has to the schema the program needs.

` + folderHelp + `
The database says itself at which version it stands.`
	folderHelp = `Migrations are numbered files in a folder, 0001-init.sql, 0002-backfill.py, …, or
the edges of a graph of revisions, 20260131_rev1_up_rev2.sql.`
	ownHelp = `The migrations are in the program.`
)

const exampleHelp = `  fastmigrate up --create     make the database where it is missing, and migrate it
  fastmigrate status          what is applied, and what is pending
  fastmigrate new add tags    write the next migration`

// rootCommand returns the command with all verbs below it. Nothing of it is
// global: each call of the program makes its own.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:               a.config.Name,
		Short:             "Bring a database to the version that the program needs",
		Long:              longHelp,
		Example:           exampleHelp,
		Version:           programVersion(),
		Args:              cobra.ArbitraryArgs,
		RunE:              a.unknownVerb,
		SilenceErrors:     true, // printed in one place, see finish
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetVersionTemplate("{{.DisplayName}} {{.Version}}\n")
	root.SetFlagErrorFunc(a.wrongFlag)
	flags := root.PersistentFlags()
	flags.SortFlags = false
	flags.StringVar(&a.flags.db, "db", "", "the `PATH` of the database, or its URL (default "+first(a.config.Database, defaultDatabase)+")")
	if a.config.Migrations == nil {
		flags.StringVar(&a.flags.migrations, "migrations", "", "the `FOLDER` of the migrations (default "+defaultFolder+")")
	}
	flags.StringVar(&a.flags.config, "config", defaultConfig, "the configuration `FILE`")
	flags.BoolVar(&a.flags.json, "json", false, "print one JSON object instead of text")
	flags.BoolVarP(&a.flags.verbose, "verbose", "v", false, "tell what is done, and show what outside programs print")
	flags.BoolVarP(&a.flags.quiet, "quiet", "q", false, "print errors only, and what was asked for")
	root.AddGroup(
		&cobra.Group{ID: groupMigrate, Title: "Migrate:"},
		&cobra.Group{ID: groupLook, Title: "Look:"},
		&cobra.Group{ID: groupSetUp, Title: "Set up:"},
	)
	root.SetHelpCommandGroupID(groupSetUp)
	for _, v := range a.verbs() {
		root.AddCommand(v.command())
	}
	a.adapt(root)
	if len(a.args) > 0 && strings.HasPrefix(a.args[0], cobra.ShellCompRequestCmd) {
		a.completes(root)
	}
	return root
}

// verb is the name of a verb, and what makes its command.
type verb struct {
	name    string
	command func() *cobra.Command
}

// verbs returns the verbs that a call may be about: the one that it begins with,
// or all of them. To make all takes longer than to find out that there is nothing
// to do.
func (a *app) verbs() []verb {
	all := []verb{
		{"up", a.upCommand}, {"down", a.downCommand}, {"to", a.toCommand}, {"mark", a.markCommand}, {"backup", a.backupCommand},
		{"restore", a.restoreCommand}, {"rehearse", a.rehearseCommand}, {"status", a.statusCommand}, {"plan", a.planCommand},
		{"graph", a.graphCommand}, {"backups", a.backupsCommand}, {"version", a.versionCommand}, {"verify", a.verifyCommand},
		{"diff", a.diffCommand}, {"dump", a.dumpCommand}, {"create", a.createCommand}, {"enroll", a.enrollCommand},
		{"import", a.importCommand}, {"new", a.newCommand}, {"rebuild", a.rebuildCommand}, {"links", a.linksCommand},
		{"completion", a.completionCommand},
	}
	if len(a.args) == 0 || a.args[0] == "completion" { // which is written from all
		return all
	}
	if i := slices.IndexFunc(all, func(v verb) bool { return v.name == a.args[0] }); i >= 0 {
		return all[i : i+1]
	}
	return all
}

// newVerb returns the command of one verb.
func (a *app) newVerb(group, use, short string, args cobra.PositionalArgs, f func(context.Context, []string) (outcome, error)) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, GroupID: group, Args: args, RunE: a.does(f),
		ValidArgsFunction: a.completerFor(use[strings.LastIndex(use, " ")+1:]),
	}
	c.Flags().SortFlags = false
	return c
}
