package mysql

import (
	"context"
	"errors"

	"github.com/fastmigrate/fastmigrate/backend"
)

// Enclosed says whether the backend is over a transaction of the caller's.
func (b *Backend) Enclosed() bool { return b.inside }

// Atomic says whether all scripts of a run are committed at once. Only a caller
// can see to that, in whose transaction they are; the server commits each
// definition by itself.
func (b *Backend) Atomic() bool { return b.inside }

// enclosed is a session inside the caller's transaction.
type enclosed struct{ *session }

// runSavepoint is where a run began in the caller's transaction.
const runSavepoint = "_fastmigrate_run"

// ApplyGroup applies all of the works, or none of them: the caller's
// transaction is then as it was, to be gone on with.
func (s enclosed) ApplyGroup(ctx context.Context, works []backend.Work) (results []backend.Result, err error) {
	file := works[0].Step.File()
	if err := s.control.do(ctx, "SAVEPOINT "+runSavepoint); err != nil {
		return nil, place(file, "apply", err)
	}
	for _, w := range works {
		result, err := s.Apply(ctx, w)
		if err != nil {
			back := s.control.do(context.WithoutCancel(ctx), "ROLLBACK TO SAVEPOINT "+runSavepoint)
			if broken(back) || isNumber(back, errNoSavepoint) {
				back = nil // the server has rolled back all of it, which the step's error tells
			}
			return nil, errors.Join(err, back)
		}
		results = append(results, result)
	}
	return results, place(file, "apply", s.control.do(context.WithoutCancel(ctx), "RELEASE SAVEPOINT "+runSavepoint))
}
