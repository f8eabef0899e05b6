package fastmigrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/run"
)

// Rehearsal says what a run would do, after it was tried out on a copy.
type Rehearsal struct {
	Report   *Report         // of the run on the copy
	Steps    []RehearsedStep // that were applied, in order
	Before   int64           // the size of the database in bytes
	After    int64           // that of the copy after the run
	Rows     []RowChange     // of each table, by name
	Schema   []SchemaChange  // all in all
	Findings []Finding       // of the checks after the run: integrity and foreign keys
	Kept     string          // the file that the copy is kept in, if it is
}

// RehearsedStep is one step, and what it changed.
type RehearsedStep struct {
	run.Applied
	Bytes  int64          // the size of the copy after it
	Rows   []RowChange    // of the tables in which the number changed
	Schema []SchemaChange // of what the step added, removed or changed
}

// RowChange is how many rows a table had and has. A number is nil where the
// table was not there.
type RowChange struct {
	Table         string
	Before, After *int64
}

// SchemaChange is what became of an object in the schema.
type SchemaChange struct {
	Change string // added, removed, changed
	backend.Named
}

// Rehearse tries out, on a copy of the database that is thrown away, what Run
// would do: each step is committed by itself there, and what it changed is
// counted; then the database's own checks are run. The database itself is only
// read, and not locked; outside programs are given the path of the copy.
//
// There is always a rehearsal, also beside an error. With nothing to do there is
// no copy, and no count. The error wraps [migration.ErrUnsupported] where the
// database can't be copied.
func (m *Migrator) Rehearse(ctx context.Context, goal Goal, o backend.RehearseOptions) (*Rehearsal, error) {
	r := &Rehearsal{Report: &Report{}}
	p, err := m.Plan(ctx, goal)
	r.Report.Start, r.Report.End, r.Report.Findings = p.Start, p.Start, p.Findings
	if err != nil || p.Empty() {
		return r, err
	}
	rehearser, ok := m.backend.(backend.Rehearser)
	if !ok {
		return r, fmt.Errorf("rehearse: %w", migration.ErrUnsupported)
	}
	if o.Waiting == nil {
		o.Waiting = func(holder string) { m.tell(run.Waiting{Holder: holder}) }
	}
	made, err := rehearser.Rehearse(ctx, o)
	if err != nil {
		return r, err
	}
	err = m.rehearse(ctx, goal, made, r)
	if closed := made.Close(); closed != nil {
		err = errors.Join(err, closed)
	} else {
		r.Kept = o.Keep
	}
	return r, err
}

// rehearse runs and measures on the copy.
func (m *Migrator) rehearse(ctx context.Context, goal Goal, made backend.Rehearsal, r *Rehearsal) error {
	before, err := made.Measure(ctx)
	if err != nil {
		return err
	}
	last := before
	var failed error
	on := *m
	on.backend, on.single = made.Backend(), true
	on.options.Atomic, on.options.Backup, on.options.RestoreOnFailure = false, "", false
	on.options.OnEvent = func(e Event) {
		if done, ok := e.(Applied); ok && failed == nil {
			var now backend.Measure
			if now, failed = made.Measure(ctx); failed == nil {
				r.Steps = append(r.Steps, RehearsedStep{done, now.Bytes, rowChanges(last, now, false), schemaChanges(last, now)})
				last = now
			}
		}
		m.tell(e)
	}
	r.Report, err = on.Run(ctx, goal)
	if err = errors.Join(err, failed); ctx.Err() != nil {
		return err
	}
	after, unmeasured := made.Measure(ctx)
	if unmeasured != nil {
		return errors.Join(err, unmeasured)
	}
	r.Before, r.After = before.Bytes, after.Bytes
	r.Rows, r.Schema = rowChanges(before, after, true), schemaChanges(before, after)
	if verifier, ok := on.backend.(backend.Verifier); ok {
		var unverified error
		r.Findings, unverified = verifier.Verify(ctx)
		err = errors.Join(err, unverified)
	}
	return err
}

// rowChanges returns the tables of two measures, in order, with their numbers of
// rows: all of them, or those in which they differ.
func rowChanges(before, after backend.Measure, all bool) []RowChange {
	var changes []RowChange
	for _, table := range keys(before.Rows, after.Rows, cmp.Compare) {
		c := RowChange{Table: table}
		if n, ok := before.Rows[table]; ok {
			c.Before = &n
		}
		if n, ok := after.Rows[table]; ok {
			c.After = &n
		}
		if all || c.Before == nil || c.After == nil || *c.Before != *c.After {
			changes = append(changes, c)
		}
	}
	return changes
}

// schemaChanges returns the objects in which two measures differ.
func schemaChanges(before, after backend.Measure) []SchemaChange {
	byName := func(a, b backend.Named) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) }
	var changes []SchemaChange
	for _, o := range keys(before.Schema, after.Schema, byName) {
		was, had := before.Schema[o]
		is, has := after.Schema[o]
		switch {
		case !had:
			changes = append(changes, SchemaChange{"added", o})
		case !has:
			changes = append(changes, SchemaChange{"removed", o})
		case was != is:
			changes = append(changes, SchemaChange{"changed", o})
		}
	}
	return changes
}

// keys returns the keys of two maps in order.
func keys[K comparable, V any](a, b map[K]V, compare func(K, K) int) []K {
	var all []K
	for k := range a {
		all = append(all, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, compare)
	return all
}
