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
	c := a.newVerb(groupMigrate, "mark N", "Record that the database is at version N, without running anything", oneArgument("the version"),
		func(ctx context.Context, args []string) (outcome, error) { return a.mark(ctx, args[0], wait) })
	c.Long = `Records that the database is at version N without running anything, for what was
done by hand, or by a program that was killed when it had done its work.`
	lockTimeoutFlag(c, &wait)
	return c
}

func (a *app) mark(ctx context.Context, text string, wait time.Duration) (outcome, error) {
	out := &DatabaseOutput{}
	v, err := parseNumber(text)
	if err != nil {
		return out, wrongUsage("%v", err)
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
	from, err := fastmigrate.Version(ctx, b)
	if err != nil {
		return out, err
	}
	out.From, out.Version = (*int64)(&from), (*int64)(&from)
	if err := m.Mark(ctx, migration.Version(v)); err != nil {
		return out, err
	}
	out.Version = &v
	a.result("%s is marked as being at version %d; it was at %d, and nothing was run", a.settings.shown(), v, from)
	return out, nil
}

// markNext records, where a version is given, that the migration which leads to
// it is applied. It must be the next one: none in between is passed over.
func (a *app) markNext(ctx context.Context, b backend.Backend, m *fastmigrate.Migrator, v *migration.Version) error {
	if v == nil {
		return nil
	}
	at, err := fastmigrate.Version(ctx, b)
	if err != nil {
		return err
	}
	migrations, err := a.source().Migrations()
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
