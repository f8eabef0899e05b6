package run

import (
	"context"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// ExecuteOnCopy carries the plan out on a copy of the database and, when all of
// it succeeded, makes that the database. Only then is anything said to be
// applied. Where it fails nothing is.
func ExecuteOnCopy(ctx context.Context, stage backend.Stage, p plan.Plan, o Options) (*Report, error) {
	began := time.Now()
	later := &withheld{to: o.OnEvent}
	o.OnEvent = later.event
	report, err := Execute(ctx, stage, p, o)
	if err == nil {
		report.Findings, err = committed(ctx, stage, report.Findings, later)
	}
	report.Duration = time.Since(began)
	if err != nil {
		report.takeBack(p)
		return report, err
	}
	later.release()
	return report, nil
}

// committed makes the copy the database and returns the findings with those that
// come of it.
func committed(ctx context.Context, stage backend.Stage, findings []migration.Finding, later *withheld) ([]migration.Finding, error) {
	more, err := stage.Commit(ctx)
	for _, f := range more {
		later.event(Found{f})
	}
	return append(findings, more...), err
}

// takeBack makes the report one of a run that applied nothing.
func (r *Report) takeBack(p plan.Plan) {
	r.Applied, r.End, r.Skipped = nil, r.Start, nil
	for _, s := range p.Steps {
		if r.Failed == nil || s.Step.To != r.Failed.To || s.File() != r.Failed.File() {
			r.Skipped = append(r.Skipped, s)
		}
	}
}

// withheld hands events on, but keeps back what says that something is applied.
type withheld struct {
	to      func(Event)
	planned bool
	kept    []Event
}

func (w *withheld) event(e Event) {
	_, plan := e.(Planned)
	_, applied := e.(Applied)
	_, found := e.(Found)
	w.planned = w.planned || plan
	if applied || found && w.planned {
		w.kept = append(w.kept, e)
		return
	}
	w.tell(e)
}

// release tells what was kept back.
func (w *withheld) release() {
	for _, e := range w.kept {
		w.tell(e)
	}
}

func (w *withheld) tell(e Event) {
	if w.to != nil {
		w.to(e)
	}
}
