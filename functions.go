package fastmigrate

import (
	"context"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

// Functions applies functions of the program to a database, and takes them back,
// in the words of the Python tool fastlite-migrations. It is a [Migrator] over
// [source.Functions].
type Functions struct{ *Migrator }

// NewFunctions returns what applies the functions to the database. Functions may
// be added to f afterwards, between two runs. It fails as [New] does.
func NewFunctions(b backend.Backend, f *source.Functions, o Options) (*Functions, error) {
	m, err := New(b, f, o)
	if err != nil {
		return nil, err
	}
	return &Functions{m}, nil
}

// Record is one function that is applied.
type Record struct {
	ID         int
	Name       string
	InsertedAt time.Time // UTC; zero where the table does not tell
}

// Migrate applies, in order, the functions that are not applied, each in a
// transaction together with its row in the table migrations. It stops at the
// first that fails, of which nothing is left; those before it stay. The error
// wraps [migration.ErrNotGapless], before anything runs, where the numbers are
// not 0, 1, 2 …
func (f *Functions) Migrate(ctx context.Context) (*Report, error) { return f.Up(ctx) }

// Rollback takes the function back that has the highest number of those that are
// applied. The error wraps [migration.ErrNoRollback] where it has no rollback,
// and [migration.ErrNoneApplied] where nothing is applied.
func (f *Functions) Rollback(ctx context.Context) (*Report, error) {
	report, err := f.Down(ctx)
	if err == nil && len(report.Applied) == 0 {
		return report, noneApplied("roll back")
	}
	return report, err
}

// RollbackTo takes functions back until id is the highest that is applied; with
// -1 all of them. Nothing is done unless all of them have a rollback.
func (f *Functions) RollbackTo(ctx context.Context, id int) (*Report, error) {
	target := migration.None
	if id >= 0 {
		target = migration.Version(id).State()
	}
	return f.Run(ctx, plan.Goal{Direction: migration.Down, Target: target})
}

// Applied returns what is applied, in order of the numbers. It writes nothing.
func (f *Functions) Applied(ctx context.Context) ([]Record, error) {
	entries, err := f.backend.History(ctx)
	if err != nil {
		return nil, err
	}
	var records []Record
	for _, e := range appliedFunctions(entries) {
		v, _ := e.To.Version()
		records = append(records, Record{ID: int(v), Name: e.Name, InsertedAt: e.FinishedAt})
	}
	return records, nil
}

// LastApplied returns what is applied with the highest number. The error wraps
// [migration.ErrNoneApplied] where nothing is.
func (f *Functions) LastApplied(ctx context.Context) (Record, error) {
	records, err := f.Applied(ctx)
	if err != nil {
		return Record{}, err
	}
	if len(records) == 0 {
		return Record{}, noneApplied("last applied")
	}
	return records[len(records)-1], nil
}

func noneApplied(op string) error { return &migration.Error{Op: op, Err: migration.ErrNoneApplied} }
