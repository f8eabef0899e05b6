package fastmigrate

import (
	"context"
	"slices"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// appliedFunctions returns the entries that say which functions are applied, in
// order of their numbers.
func appliedFunctions(entries []migration.Entry) []migration.Entry {
	var applied []migration.Entry
	for _, e := range entries {
		if _, err := e.To.Version(); err == nil && e.Kind == migration.Functions && e.Ended() {
			applied = append(applied, e)
		}
	}
	return applied
}

// functionStatus is the status of functions of the program.
func (m *Migrator) functionStatus(ctx context.Context, functions []migration.Migration) (Status, error) {
	at, entries, err := m.past(ctx, m.backend)
	if err != nil {
		return Status{}, err
	}
	s := Status{State: at, Newest: plan.Newest(functions)}
	if v, err := at.Version(); err == nil {
		s.Version = v
	}
	if s.Findings, err = plan.Sequenced(functions, entries); err != nil {
		return s, err
	}
	stuck := stuckFunction(at, entries)
	applied := make(map[migration.Version]migration.Entry)
	for _, e := range appliedFunctions(entries) {
		v, _ := e.To.Version()
		applied[v] = e
	}
	for _, f := range functions {
		row := StatusRow{
			Version: f.Version, Name: f.Name, File: f.Up.File(), Kind: f.Up.Kind(), State: RowPending, Rollback: f.Down != nil,
		}
		if e, ok := applied[f.Version]; ok {
			row.State, row.AppliedAt, row.Duration = RowApplied, e.FinishedAt, e.Duration
			delete(applied, f.Version)
		} else {
			s.Pending++
			if stuck.To == f.Version.State() {
				row.State, row.Segments, row.Error = RowBegun, stuck.SegmentsDone, stuck.Error
				if stuck.Status == migration.Failed {
					row.State = RowFailed
				}
			}
		}
		s.Rows = append(s.Rows, row)
	}
	for _, e := range appliedFunctions(entries) {
		if v, _ := e.To.Version(); applied[v].To == e.To {
			s.Rows = append(s.Rows, StatusRow{Version: v, Name: e.Name, State: RowMissing, AppliedAt: e.FinishedAt})
		}
	}
	return s, nil
}

// stuckFunction returns the entry of a function that was begun where the database
// stands, and that did not come to its end; or none.
func stuckFunction(at migration.State, entries []migration.Entry) migration.Entry {
	for _, e := range slices.Backward(entries) {
		if e.Kind == migration.Functions && !e.Ended() && e.Direction == migration.Up && e.From == at {
			return e
		}
	}
	return migration.Entry{}
}
