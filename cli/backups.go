package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// backupsCommand is the verb that lists the backups.
func (a *app) backupsCommand() *cobra.Command {
	c := a.newVerb(groupLook, "backups", "List the backups that lie beside the database", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.backups(ctx) })
	c.Long = `Lists the backups that lie beside the database, newest first: the version of the
database in each, its size, and its age.`
	return c
}

func (a *app) backups(ctx context.Context) (outcome, error) {
	out := &BackupsOutput{Backups: []BackupObject{}}
	b, err := a.openAtLeast(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	all, err := fastmigrate.Backups(ctx, b)
	if errors.Is(err, migration.ErrUnsupported) {
		return out, a.noBackup(b)
	}
	for _, f := range all {
		o := BackupObject{File: f.File, MadeAt: f.Time.UTC(), Bytes: f.Bytes, Version: asNumber(a.kind, f.State), State: asState(a.kind, f.State)}
		if f.Err != nil {
			o.Error = f.Err.Error()
		}
		out.Backups = append(out.Backups, o)
	}
	return out, err
}

// text writes a line for each backup.
func (o *BackupsOutput) text(p *printer) {
	if !o.OK || p.json {
		return
	}
	if len(o.Backups) == 0 {
		p.result("%s has no backups beside it", o.Database)
		return
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FILE\tVERSION\tSIZE\tAGE")
	for _, b := range o.Backups {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", clean(b.File), b.version(), size(b.Bytes), age(time.Since(b.MadeAt)))
	}
	_ = w.Flush() // into a buffer
}

// version returns what the column of that name says.
func (b BackupObject) version() string {
	switch {
	case b.Error != "":
		return "unreadable"
	case b.State != "":
		return b.State
	case b.Version == nil:
		return "none"
	}
	return migration.Version(*b.Version).String()
}

// age returns a long time as people say it.
func age(d time.Duration) string {
	switch {
	case d < -time.Minute:
		return "in the future"
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, d)/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return count(int(d/(24*time.Hour)), "day")
}
