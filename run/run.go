package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// Options says how a run behaves. The zero value is ready to use.
type Options struct {
	// Strict turns the plan's findings into an error before anything runs.
	Strict bool
	// Python is the interpreter of .py bodies. Empty means that it is looked
	// for: $FASTMIGRATE_PYTHON, $VIRTUAL_ENV, ./.venv, python3, python.
	Python string
	// Getenv looks up environment variables for that. nil means os.Getenv.
	Getenv func(string) string
	// OnEvent is called with what happens, one call at a time. It may be nil.
	OnEvent func(Event)
	// Tool and Host are recorded in the history.
	Tool, Host string
}

// Execute carries the plan out and stops at the first step that fails. The
// report is never nil. The error wraps [migration.ErrStalePlan] where the
// database does not stand where the plan starts, and ctx's error where the run
// was cancelled; what was applied before stays.
func Execute(ctx context.Context, s backend.Session, p plan.Plan, o Options) (*Report, error) {
	began := time.Now()
	r := newRunner(p, o)
	r.session = s
	at, err := s.State(ctx)
	if err == nil {
		err = r.start(at)
	}
	if err == nil {
		err = r.run(ctx)
	}
	r.report.Duration = time.Since(began)
	return r.report, err
}

// Nothing does for a plan without steps what Execute does, with no session: the
// database stands at the state given.
func Nothing(at migration.State, p plan.Plan, o Options) (*Report, error) {
	r := newRunner(p, o)
	return r.report, r.start(at)
}

type runner struct {
	session backend.Session
	plan    plan.Plan
	options Options
	report  *Report
}

func newRunner(p plan.Plan, o Options) *runner {
	return &runner{plan: p, options: o, report: &Report{
		Start: p.Start, End: p.Start, Applied: make([]Applied, 0, len(p.Steps)),
	}}
}

// start tells what was found, and fails where the plan must not be carried out.
func (r *runner) start(at migration.State) error {
	for _, f := range r.plan.Findings {
		r.found(f)
	}
	if err := Strict(r.options.Strict, r.plan.Findings); err != nil {
		return err
	}
	if at != r.plan.Start {
		r.report.Start, r.report.End = at, at
		return &migration.Error{
			Op:   "run",
			Err:  fmt.Errorf("%w: it starts from %s and the database is at %s", migration.ErrStalePlan, r.plan.Start.Named(r.plan.Kind), at),
			Hint: "make the plan again",
		}
	}
	r.tell(Planned{r.plan})
	return nil
}

// run applies the steps.
func (r *runner) run(ctx context.Context) error {
	steps := r.plan.Steps
	for len(steps) > 0 {
		unit := r.together(steps)
		if err := ctx.Err(); err != nil {
			return r.failed(steps, fmt.Errorf("stopped before it began: %w", err))
		}
		done, err := r.unit(ctx, unit)
		steps = steps[done:]
		if err != nil {
			return r.failed(steps, err)
		}
	}
	return nil
}

// together returns the first steps that are handed to the session together:
// those of one transaction, or those that it joins; one where it does not take
// several.
func (r *runner) together(steps []plan.Step) []plan.Step {
	n := 1
	if _, can := r.session.(backend.Grouper); !can {
		return steps[:n]
	}
	for n < len(steps) && steps[0].Transaction != 0 && steps[n].Transaction == steps[0].Transaction {
		n++
	}
	if joiner, ok := r.session.(backend.Joiner); ok && n == 1 {
		works := []backend.Work{r.work(steps[0])}
		for ; n < len(steps); n++ {
			next := r.work(steps[n])
			if !joiner.Joins(works, next) {
				break
			}
			works = append(works, next)
		}
	}
	return steps[:n]
}

// unit applies steps that are handed over together and returns how many are
// done.
func (r *runner) unit(ctx context.Context, steps []plan.Step) (int, error) {
	works := make([]backend.Work, len(steps))
	for i, s := range steps {
		works[i] = r.work(s)
		r.tell(Started{Step: s, Shared: len(steps) > 1})
	}
	if len(steps) == 1 {
		result, err := r.one(ctx, steps[0], works[0])
		if err != nil {
			return 0, err
		}
		r.applied(steps[0], result)
		return 1, nil
	}
	results, err := r.session.(backend.Grouper).ApplyGroup(ctx, works)
	for i, result := range results {
		r.applied(steps[i], result)
	}
	if err == nil && len(results) < len(steps) {
		err = fmt.Errorf("the database applied %d of %d steps and does not say why", len(results), len(steps))
	}
	return len(results), err
}

// one applies a single step.
func (r *runner) one(ctx context.Context, s plan.Step, w backend.Work) (backend.Result, error) {
	if program, ok := s.Body().(*migration.Program); ok {
		return r.program(ctx, s, program, w)
	}
	return r.session.Apply(ctx, w)
}

// work says what is to be recorded of a step.
func (r *runner) work(s plan.Step) backend.Work {
	return backend.Work{
		Step:    s.Step,
		Resume:  s.Resume,
		Trusted: s.Trusted,
		Retry:   s.Retry,
		Entry: migration.Entry{
			Kind: r.plan.Kind, From: s.From, To: s.To, Name: s.File(), Direction: s.Direction,
			Checksum: s.Traits.Checksum, Tool: r.options.Tool, Host: r.options.Host,
		},
	}
}

func (r *runner) applied(s plan.Step, result backend.Result) {
	done := Applied{Step: s, Result: result}
	r.report.Applied = append(r.report.Applied, done)
	r.report.End = s.To
	r.tell(done)
	for _, f := range result.Findings {
		r.found(f)
	}
}

// failed ends the run among the steps, none of which is applied: at the one
// that the error names, or at the first. Steps before the one that failed are
// there where they were to be committed with it.
func (r *runner) failed(steps []plan.Step, err error) error {
	if len(steps) == 0 {
		return err
	}
	at := 0
	var placed *migration.Error
	if errors.As(err, &placed) && placed.Origin.File != "" {
		at = max(at, slices.IndexFunc(steps, func(s plan.Step) bool { return s.File() == placed.Origin.File }))
	} else {
		err = &migration.Error{Op: "apply", Origin: migration.Origin{File: steps[0].File()}, Hint: migration.HintOf(err), Err: err}
	}
	failed := steps[at]
	r.report.Failed = &failed
	r.report.Skipped = slices.Concat(steps[:at], steps[at+1:])
	r.tell(Failed{Step: failed, Err: err})
	return err
}

func (r *runner) found(f migration.Finding) {
	r.report.Findings = append(r.report.Findings, f)
	r.tell(Found{f})
}

func (r *runner) tell(e Event) {
	if r.options.OnEvent != nil {
		r.options.OnEvent(e)
	}
}

// Strict returns an error for the first of the findings where strict is set.
// It wraps [migration.ErrStrict].
func Strict(strict bool, findings []migration.Finding) error {
	if !strict || len(findings) == 0 {
		return nil
	}
	return &migration.Error{
		Op:   "plan",
		Err:  fmt.Errorf("%w: %s", migration.ErrStrict, findings[0]),
		Hint: findings[0].Hint,
	}
}
