package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// statusFlags are the flags of status.
type statusFlags struct {
	exitCode, strict bool
	watch, untilDone bool
	interval         time.Duration
}

// statusCommand is the verb that tells where the database stands.
func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	c := a.newVerb(groupLook, "status", "Tell what is applied and what is pending", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) {
			if err := f.check(); err != nil {
				return nil, err
			}
			if f.watch {
				return a.watchStatus(ctx, f)
			}
			return a.status(ctx, f)
		})
	c.Long = `Tells which migrations are applied, when and how long they took, which are pending,
and what a person should know. Takes no lock and writes nothing.

With --watch it tells that again whenever it changes, while another process
migrates: on a terminal in place, elsewhere a line for each change. Ctrl-C ends
it, with the exit code 130.`
	flags := c.Flags()
	flags.BoolVar(&f.exitCode, "exit-code", false, "exit with 3 where migrations are pending")
	flags.BoolVar(&f.strict, "strict", false, "fail where there would be a warning")
	flags.BoolVar(&f.watch, "watch", false, "go on telling what changes, until Ctrl-C")
	flags.BoolVar(&f.untilDone, "until-done", false, "with --watch: end once nothing is pending")
	flags.DurationVar(&f.interval, "interval", time.Second, "with --watch: the `TIME` between two looks")
	return c
}

// check says which flags don't go together.
func (f statusFlags) check() error {
	switch {
	case f.untilDone && !f.watch:
		return wrongUsage("--until-done goes with --watch")
	case f.interval <= 0:
		return wrongUsage("--interval is more than 0")
	}
	return nil
}

// status looks once. It closes what it opened: an idle connection of ours could
// keep another process from what it wants to do with the file.
func (a *app) status(ctx context.Context, f statusFlags) (*statusView, error) {
	out := &statusView{StatusOutput: StatusOutput{Migrations: []RowObject{}}}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	m, err := a.migrator(b, fastmigrate.Options{Strict: f.strict})
	if err != nil {
		return out, err
	}
	s, err := m.Status(ctx)
	out.Findings = s.Findings
	if a.json && !f.watch {
		a.findings(s.Findings)
	}
	if err == nil || errors.Is(err, migration.ErrStrict) {
		out.take(s)
	}
	if err == nil && f.exitCode && s.Pending > 0 {
		err = errPending
	}
	return out, err
}

// take takes over what a Migrator tells.
func (o *StatusOutput) take(s fastmigrate.Status) {
	o.stands(s.Kind, s.State)
	o.Pending = s.Pending
	if s.Kind != migration.Revisions {
		o.Newest = (*int64)(&s.Newest)
	}
	for _, row := range s.Rows {
		object := rowObject(row)
		if s.Kind == migration.Functions && row.Duration == 0 {
			object.DurationMS = nil // their table does not tell
		}
		o.Migrations = append(o.Migrations, object)
	}
	for _, step := range s.Made {
		o.Made = append(o.Made, edgeObject(step))
	}
	for _, step := range s.Ahead {
		o.Ahead = append(o.Ahead, edgeObject(step))
	}
}

func rowObject(row fastmigrate.StatusRow) RowObject {
	o := RowObject{
		Version: int64(row.Version), Name: row.Name, File: row.File, Kind: string(row.Kind),
		State: string(row.State), Rollback: row.Rollback, Commits: row.Segments,
		AllCommits: row.AllSegments, Statements: row.ByStatement, Error: row.Error,
	}
	if !row.AppliedAt.IsZero() {
		at, ms := row.AppliedAt.UTC(), row.Duration.Milliseconds()
		o.AppliedAt = &at
		if row.State == fastmigrate.RowApplied || row.State == fastmigrate.RowMissing {
			o.DurationMS = &ms
		}
	}
	return o
}
