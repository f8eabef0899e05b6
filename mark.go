package fastmigrate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// Mark records that the database is at version v without running anything, for
// what was done by hand. v is a version that has a file, or 0. The error wraps
// [migration.ErrNoVersion] otherwise.
func (m *Migrator) Mark(ctx context.Context, v migration.Version) error {
	return m.MarkAt(ctx, v.State())
}

// MarkAt is like [Migrator.Mark] for a state of any kind: a version; the number
// of a function, up to and with which all are recorded as applied and none
// above, or [migration.None]; or a revision of the graph. The error wraps
// [migration.ErrNoVersion] or [migration.ErrNoPath] where there is no such state.
func (m *Migrator) MarkAt(ctx context.Context, to migration.State) error {
	migrations, err := m.source.Migrations()
	if err != nil {
		return err
	}
	if err := plan.There(m.kind, migrations, to); err != nil {
		return err
	}
	_, err = m.locked(ctx, func(s backend.Session) (*Report, error) {
		marks, err := m.marks(ctx, s, migrations, to)
		if err != nil {
			return nil, err
		}
		for _, e := range marks {
			if err := s.Mark(ctx, e); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	return err
}

// marks returns what is to be recorded: one entry, but for functions one each.
func (m *Migrator) marks(ctx context.Context, r reader, migrations []migration.Migration, to migration.State) ([]migration.Entry, error) {
	if m.kind == migration.Functions {
		at, entries, err := m.past(ctx, r)
		return m.functionMarks(migrations, at, entries, to), err
	}
	at, err := r.State(ctx)
	if err != nil {
		return nil, err
	}
	e := m.entry(at, to, migration.Marked, string(to))
	if v, err := to.Version(); err == nil && m.kind == migration.Files {
		e.Name = nameOf(migrations, v)
		if from, err := at.Version(); err == nil && from > v {
			e.Direction = migration.Down
		}
	}
	return []migration.Entry{e}, nil
}

// functionMarks returns an entry for each function that is to be recorded, lowest
// first, and for each whose record is to go, highest first.
func (m *Migrator) functionMarks(functions []migration.Migration, at migration.State, entries []migration.Entry, to migration.State) []migration.Entry {
	var marks []migration.Entry
	target := migration.Version(-1)
	if v, err := to.Version(); err == nil {
		target = v
	}
	applied := appliedFunctions(entries)
	for i, e := range slices.Backward(applied) {
		if v, _ := e.To.Version(); v > target {
			below := migration.None
			if i > 0 {
				below = applied[i-1].To
			}
			gone := m.entry(at, below, migration.Marked, e.Name)
			gone.Direction = migration.Down
			marks = append(marks, gone)
			at = below
		}
	}
	for _, f := range functions {
		if f.Version > target {
			break
		}
		if !slices.ContainsFunc(applied, func(e migration.Entry) bool { return e.To == f.Version.State() }) {
			marks = append(marks, m.entry(at, f.Version.State(), migration.Marked, f.Name))
			if v, err := at.Version(); err != nil || v < f.Version {
				at = f.Version.State()
			}
		}
	}
	return marks
}

// EnrollAt adopts an existing database that has no version table at version v:
// its schema is what the migrations up to v make. Nothing is run. The error
// wraps [migration.ErrManaged] where the database has a version already, and
// [migration.ErrUnsupported] for functions and for a graph, to which a database
// without the table migrations is one with nothing applied: see
// [Migrator.MarkAt].
func (m *Migrator) EnrollAt(ctx context.Context, v migration.Version) error {
	if m.kind != migration.Files {
		return &migration.Error{
			Op: "enroll", Err: fmt.Errorf("%w: %s are not enrolled", migration.ErrUnsupported, m.kind),
			Hint: "a database without the table migrations has nothing applied; fastmigrate mark records where it stands",
		}
	}
	migrations, err := m.source.Migrations()
	if err != nil {
		return err
	}
	if err := plan.Exists(migrations, v); err != nil {
		return err
	}
	e, ok := m.backend.(backend.Enroller)
	if !ok {
		return errors.Join(migration.ErrUnsupported, errors.New("enroll"))
	}
	return e.Enroll(ctx, m.entry("0", v.State(), migration.Enrolled, nameOf(migrations, v)))
}
