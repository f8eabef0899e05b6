package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// rehearseFlags are the flags of rehearse.
type rehearseFlags struct {
	to, retry    place
	keep, python string
	strict       bool
	lockTimeout  time.Duration
}

// rehearseCommand is the verb that tries a run out on a copy.
func (a *app) rehearseCommand() *cobra.Command {
	var f rehearseFlags
	c := a.newVerb(groupLook, "rehearse", "Try up out on a copy that is thrown away", noArguments,
		func(ctx context.Context, _ []string) (outcome, error) { return a.rehearse(ctx, f) })
	c.Long = `Does on a copy of the database what up would do, and tells of each migration how
long it took, which tables got more rows or less, and what became of the schema;
then runs the database's own checks on the copy. The database itself is only read.
Outside programs are given the path of the copy.`
	flags := c.Flags()
	f.to.flag(c)
	flags.StringVar(&f.keep, "keep", "", "keep the copy as `FILE`, which must not be there yet")
	flags.BoolVar(&f.strict, "strict", false, "fail where there would be a warning")
	flags.Var(&f.retry, "retry", "run again what leads to a version or a revision, and was begun and never ended")
	lockTimeoutFlag(c, &f.lockTimeout)
	flags.StringVar(&f.python, "python", "", "the `INTERPRETER` of .py migrations (as for up)")
	return c
}

func (a *app) rehearse(ctx context.Context, f rehearseFlags) (outcome, error) {
	out := &RehearseOutput{Steps: []RehearsedObject{}, Pending: []StepObject{}, Tables: []RowsObject{}, Schema: []ChangeObject{}}
	a.printer.rehearsal = true
	if err := a.ready(); err != nil {
		return out, err
	}
	goal, err := a.target(fastmigrate.Goal{}, f.to)
	if err == nil {
		err = a.again(&goal, f.retry)
	}
	if err != nil {
		return out, err
	}
	b, err := a.open(ctx)
	if err != nil {
		return out, err
	}
	defer b.Close()
	wait := lockTimeout(f.lockTimeout)
	m, err := a.migrator(b, fastmigrate.Options{Strict: f.strict, Python: f.python, LockTimeout: wait})
	if err != nil {
		return out, err
	}
	r, err := m.Rehearse(ctx, goal, backend.RehearseOptions{Keep: f.keep, LockTimeout: wait})
	out.rehearsed(a.kind, r)
	a.findings(untold(r))
	if errors.Is(err, migration.ErrUnsupported) && migration.HintOf(err) == "" {
		err = &migration.Error{Op: "rehearse", Err: err, Hint: "only SQLite databases can be copied; rehearse on a test server"}
	}
	if err == nil && out.Integrity != nil && !*out.Integrity {
		err = errors.New("the copy is damaged after the run")
	}
	return out, err
}

// rehearsed takes over what came of a rehearsal.
func (o *RehearseOutput) rehearsed(kind string, r *fastmigrate.Rehearsal) {
	o.stood(kind, r.Report.Start)
	o.stands(kind, cmp.Or(r.Report.End, r.Report.Start))
	var total time.Duration
	for _, s := range r.Steps {
		step := stepObject(kind, s.Step)
		ms := s.Result.Duration.Milliseconds()
		total += s.Result.Duration
		step.DurationMS, step.Statements = &ms, s.Result.Statements
		o.Steps = append(o.Steps, RehearsedObject{step, s.Bytes, rowsObjects(s.Rows), changeObjects(s.Schema)})
	}
	if r.Report.Failed != nil {
		s := stepObject(kind, *r.Report.Failed)
		o.Failed = &s
	}
	for _, s := range r.Report.Skipped {
		o.Pending = append(o.Pending, stepObject(kind, s))
	}
	o.BytesBefore, o.BytesAfter, o.Kept = r.Before, r.After, r.Kept
	o.Tables, o.Schema = rowsObjects(r.Rows), changeObjects(r.Schema)
	o.Findings = append(append(o.Findings, r.Report.Findings...), untold(r)...)
	o.DurationMS = total.Milliseconds() // without the counting in between
	if r.After == 0 {
		return // the checks were not run
	}
	integrity, foreignKeys := true, true
	for _, f := range r.Findings {
		integrity = integrity && f.Code != migration.CodeIntegrity
		foreignKeys = foreignKeys && f.Code != migration.CodeForeignKey
	}
	o.Integrity = &integrity
	if integrity { // what a damaged file says about its rows means nothing
		o.ForeignKeys = &foreignKeys
	}
}

// untold returns what the checks found and the run did not find itself.
func untold(r *fastmigrate.Rehearsal) []migration.Finding {
	var all []migration.Finding
	for _, f := range r.Findings {
		if !slices.ContainsFunc(r.Report.Findings, func(told migration.Finding) bool { return told.Message == f.Message }) {
			all = append(all, f)
		}
	}
	return all
}

func rowsObjects(changes []fastmigrate.RowChange) []RowsObject {
	all := make([]RowsObject, len(changes))
	for i, c := range changes {
		all[i] = RowsObject(c)
	}
	return all
}

func changeObjects(changes []fastmigrate.SchemaChange) []ChangeObject {
	all := make([]ChangeObject, len(changes))
	for i, c := range changes {
		all[i] = ChangeObject{c.Change, c.Kind, c.Name}
	}
	return all
}

// closing says, after an error, where the copy stood, and what came before.
func (o *RehearseOutput) closing(p *printer) {
	if !o.known() || o.Failed == nil {
		return
	}
	p.complain("on the copy, %s failed after %s; %s was not touched\n",
		o.Failed.File, count(len(o.Steps), "migration"), o.Database)
}

// text writes what each migration did, and what that makes.
func (o *RehearseOutput) text(p *printer) {
	if !o.known() {
		return
	}
	for _, s := range o.Steps {
		p.answer("%s  %s, then %s%s", clean(s.File), span(time.Duration(*s.DurationMS)*time.Millisecond), size(s.SizeAfter), changes(s.Tables, s.Schema))
	}
	if o.Integrity != nil {
		p.answer("all in all: %s before, %s after%s", size(o.BytesBefore), size(o.BytesAfter), changes(o.changed(), o.Schema))
		p.answer("integrity check: %s; foreign keys: %s", verdict(o.Integrity), verdict(o.ForeignKeys))
	}
	if o.Kept != "" {
		p.answer("the copy is kept as %s", o.Kept)
	}
	switch {
	case !o.OK:
	case len(o.Steps) == 0:
		p.answer("%s, nothing to do", o.standing(o.Database))
	default:
		p.answer("up would bring %s from %s to %s (%s in %s on a copy; the database was not touched)", o.Database, o.fromPlace(), o.end(),
			count(len(o.Steps), "migration"), span(time.Duration(o.DurationMS)*time.Millisecond))
	}
}

// changed returns the tables in which the number of rows changed.
func (o *RehearseOutput) changed() []RowsObject {
	var all []RowsObject
	for _, t := range o.Tables {
		if t.Before == nil || t.After == nil || *t.Before != *t.After {
			all = append(all, t)
		}
	}
	return all
}

// changes returns lines that tell what became of the schema and of the rows.
func changes(tables []RowsObject, schema []ChangeObject) string {
	text := ""
	for _, c := range schema {
		text += fmt.Sprintf("\n    %s %s %s", c.Change, c.Kind, clean(c.Name))
	}
	for _, t := range tables {
		text += fmt.Sprintf("\n    rows in %s: %s before, %s after", clean(t.Table), rows(t.Before), rows(t.After))
	}
	return text
}

func rows(n *int64) string {
	if n == nil {
		return "none"
	}
	return fmt.Sprint(*n)
}

func verdict(sound *bool) string {
	switch {
	case sound == nil:
		return "not looked at"
	case *sound:
		return "sound"
	}
	return "violated"
}
