package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// markCommand is the verb that records what was done by hand.
func (a *app) markCommand() *cobra.Command {
	var wait time.Duration
	c := a.newVerb(groupMigrate, "mark VERSION", "Record that the database is at a version, without running anything", oneArgument("the version"),
		func(ctx context.Context, args []string) (outcome, error) { return a.mark(ctx, args[0], wait) })
	c.Long = `Records that the database is at a version, at a function by its number, or at a
revision of a graph, without running anything, for what was done by hand, or by a
program that was killed when it had done its work.`
	lockTimeoutFlag(c, &wait)
	return c
}

func (a *app) mark(ctx context.Context, text string, wait time.Duration) (outcome, error) {
	out := &DatabaseOutput{}
	if err := a.ready(); err != nil {
		return out, err
	}
	to, err := a.state(text)
	if err != nil {
		return out, a.invalid("", text, err)
	}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	m, err := a.migrator(b, fastmigrate.Options{LockTimeout: lockTimeout(wait)})
	if err != nil {
		return out, err
	}
	from, err := m.State(ctx)
	if err != nil {
		return out, err
	}
	out.stood(a.kind, from)
	out.stands(a.kind, from)
	if err := m.MarkAt(ctx, to); err != nil {
		return out, err
	}
	out.stands(a.kind, to)
	a.result("%s is marked as being at %s; it was at %s, and nothing was run", a.settings.shown(), out.place(), from)
	return out, nil
}

// markNext records, where a version is given, that the migration which leads to
// it is applied. It must be the next one: none in between is passed over.
func (a *app) markNext(ctx context.Context, b backend.Backend, m *fastmigrate.Migrator, v *migration.Version) error {
	if v == nil {
		return nil
	}
	if a.kind != migration.Files {
		return wrongUsage("--mark-applied is for numbered files, and these are %s; mark records where the database stands", a.kind)
	}
	at, err := fastmigrate.Version(ctx, b)
	if err != nil {
		return err
	}
	migrations, err := a.source.Migrations()
	if err != nil {
		return err
	}
	for _, next := range migrations {
		if next.Version <= at {
			continue
		}
		if next.Version != *v {
			return wrongUsage("--mark-applied %d: the next migration is %s", *v, next.Up.File())
		}
		if err := m.Mark(ctx, *v); err != nil {
			return err
		}
		a.result("marked %s as applied", next.Up.File())
		return nil
	}
	return wrongUsage("--mark-applied %d: there is no migration above version %d", *v, at)
}
