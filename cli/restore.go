package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// restoreCommand is the verb that makes a backup the database again.
func (a *app) restoreCommand() *cobra.Command {
	var wait time.Duration
	c := a.newVerb(groupMigrate, "restore FILE", "Make the database what a backup holds", oneArgument("the backup's file"),
		func(ctx context.Context, args []string) (outcome, error) { return a.restore(ctx, args[0], wait) })
	c.Long = `Makes the database what a backup holds, in one transaction, while other programs may
have it open: they see the old database or the new one. The backup is checked first.
What is replaced is kept in a backup of its own, whose name is printed.`
	c.ValidArgsFunction = nil // any file
	lockTimeoutFlag(c, &wait)
	return c
}

// openAtLeast is open for what works also where the migrations can't be told.
func (a *app) openAtLeast(ctx context.Context) (backend.Backend, error) {
	if a.ready() == nil {
		return a.open(ctx)
	}
	a.source, a.kind = nil, migration.Files
	return a.openAny(ctx)
}

func (a *app) restore(ctx context.Context, file string, wait time.Duration) (outcome, error) {
	out := &RestoreOutput{File: file}
	b, err := a.openAtLeast(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	if at, err := b.State(ctx); err == nil {
		out.stood(a.kind, at)
		out.stands(a.kind, at)
	}
	stop := a.doing("restoring " + file)
	restored, err := fastmigrate.Restore(ctx, b, file, backend.RestoreOptions{
		LockTimeout: lockTimeout(wait),
		Waiting:     func(holder string) { a.event(fastmigrate.Waiting{Holder: holder}) },
	})
	stop()
	if errors.Is(err, migration.ErrUnsupported) && migration.HintOf(err) == "" {
		return out, &migration.Error{
			Op: "restore", Err: fmt.Errorf("restore %s: %w", a.settings.shown(), migration.ErrUnsupported),
			Hint: "use the tool that comes with the database",
		}
	}
	if err != nil {
		return out, err
	}
	out.Kept, out.Findings = restored.Kept, restored.Findings
	out.stands(a.kind, restored.State)
	a.findings(restored.Findings)
	return out, nil
}

// text says what the database is now, and where the old one is.
func (o *RestoreOutput) text(p *printer) {
	if !o.OK {
		return
	}
	at := "which has no version"
	if o.known() {
		at = "at " + o.place()
	}
	p.result("restored %s from %s, %s", o.Database, o.File, at)
	if o.Kept != "" {
		p.result("what was there before is in %s", o.Kept)
	}
}
