package cli

import (
	"cmp"
	"context"
	"errors"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// goes brings the database to a goal, which depends on the kind of migrations.
func (a *app) goes(ctx context.Context, f runFlags, goalOf func() (fastmigrate.Goal, error)) (outcome, error) {
	out := &RunOutput{Applied: []StepObject{}, Pending: []StepObject{}, DryRun: f.dryRun}
	a.python, a.changes = f.python, !f.dryRun
	if err := a.ready(); err != nil {
		return out, err
	}
	goal, err := goalOf()
	if err != nil {
		return out, err
	}
	goal.ResumeFrom = f.resumeFrom
	if err := a.again(&goal, f.retry); err != nil {
		return out, err
	}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	if f.dryRun && f.create {
		b = emptyIfMissing(ctx, b, a.kind, out)
	}
	o := fastmigrate.Options{
		LockTimeout: lockTimeout(f.lockTimeout), Strict: f.strict, Atomic: f.atomic, Repair: f.repair, Python: f.python,
	}
	if f.backup = f.backup || f.restoreOnFailure; f.backup && !f.dryRun {
		o.Backup = a.backupFile(b)
		o.RestoreOnFailure = f.restoreOnFailure && o.Backup != ""
	}
	m, err := a.migrator(b, o)
	if err != nil {
		return out, err
	}
	if f.dryRun && f.markApplied.value != nil {
		return out, wrongUsage("--mark-applied writes, and --dry-run does not")
	}
	if f.dryRun {
		return out, a.dryRun(ctx, m, goal, out)
	}
	if f.backup && o.Backup == "" {
		if err := a.withoutBackup(ctx, b, m, goal, f, out); err != nil {
			return out, err
		}
	}
	if err := a.markNext(ctx, b, m, f.markApplied.version()); err != nil {
		return out, err
	}
	report, err := m.Run(ctx, goal)
	if f.creates(b, err) && report.Failed == nil {
		o.Backup, o.RestoreOnFailure = "", false // what was not there can't be lost
		if err = a.create(ctx, b, f.createDatabase, out); err == nil {
			m, err = a.migrator(b, o)
		}
		if err == nil {
			report, err = m.Run(ctx, goal)
		}
	}
	out.report(a.kind, report)
	if a.verb() == "to" {
		out.tellDirection()
	}
	return out, explainBackup(err)
}

// creates says whether what is missing is to be made: a database, or, on a
// server, where databases are made beforehand, the version table in it.
func (f runFlags) creates(b backend.Backend, err error) bool {
	_, server := b.(backend.DatabaseCreator)
	switch {
	case errors.Is(err, migration.ErrNoDatabase):
		return f.createDatabase || f.create && !server
	case errors.Is(err, migration.ErrNotManaged):
		return server && (f.create || f.createDatabase)
	}
	return false
}

// create makes the database. That another program was faster is as good.
func (a *app) create(ctx context.Context, b backend.Backend, database bool, out *RunOutput) error {
	if err := createDatabase(ctx, b, database); err != nil {
		return err
	}
	err := b.Create(ctx)
	if errors.Is(err, migration.ErrManaged) {
		return nil
	}
	if err == nil {
		out.Created = true
		a.result("created %s", a.settings.shown())
	}
	return err
}

// withoutBackup says, where something is to be done, that the database is not
// ours to back up.
func (a *app) withoutBackup(ctx context.Context, b backend.Backend, m *fastmigrate.Migrator, goal fastmigrate.Goal, f runFlags, out *RunOutput) error {
	p, err := m.Plan(ctx, goal)
	if f.creates(b, err) {
		return nil // what is not there yet can't be lost
	}
	if err != nil {
		out.stood(a.kind, p.Start)
		out.stands(a.kind, p.Start)
		out.Findings = p.Findings
		a.findings(p.Findings)
		return err
	}
	if p.Empty() {
		return nil
	}
	return a.noBackup(b)
}

// report takes over what a run did.
func (o *RunOutput) report(kind string, r *fastmigrate.Report) {
	o.stood(kind, r.Start)
	o.stands(kind, cmp.Or(r.End, r.Start))
	for _, done := range r.Applied {
		s := stepObject(kind, done.Step)
		ms := done.Result.Duration.Milliseconds()
		s.DurationMS, s.Statements = &ms, done.Result.Statements
		o.Applied = append(o.Applied, s)
	}
	if r.Failed != nil {
		s := stepObject(kind, *r.Failed)
		o.Failed = &s
	}
	for _, s := range r.Skipped {
		o.Pending = append(o.Pending, stepObject(kind, s))
	}
	o.Findings = append(o.Findings, r.Findings...)
	o.Backup, o.Restored, o.Kept = r.Backup, r.Restored, r.Kept
	o.DurationMS = r.Duration.Milliseconds()
}

// tellDirection says, where nobody chose it, in which direction the steps go.
func (o *RunOutput) tellDirection() {
	for _, steps := range [][]StepObject{o.Applied, o.Pending} {
		if len(steps) > 0 {
			o.Direction = steps[0].Direction
		}
	}
	if o.Failed != nil {
		o.Direction = o.Failed.Direction
	}
}
