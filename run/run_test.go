package run_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// session is a database in memory that notes what is asked of it.
type session struct {
	at    migration.State
	fails map[string]error // by file; of the apply, the beginning or the end
	log   []string
	hook  func(file string)
	last  backend.Work
}

func (s *session) State(context.Context) (migration.State, error) { return s.at, nil }

func (s *session) History(context.Context) ([]migration.Entry, error) { return nil, nil }

func (s *session) Apply(_ context.Context, w backend.Work) (backend.Result, error) {
	file := w.Step.File()
	s.log = append(s.log, "apply "+file)
	s.last = w
	if s.hook != nil {
		s.hook(file)
	}
	if err := s.fails[file]; err != nil {
		return backend.Result{}, err
	}
	s.at = w.Step.To
	return backend.Result{Statements: 1, Findings: []migration.Finding{{Message: "about " + file}}}, nil
}

func (s *session) Begin(_ context.Context, w backend.Work) (backend.Launch, error) {
	s.log = append(s.log, "begin "+w.Step.File())
	return backend.Launch{Argument: "the database"}, s.fails["begin "+w.Step.File()]
}

func (s *session) End(ctx context.Context, w backend.Work, failure error) (backend.Result, error) {
	if ctx.Err() != nil {
		return backend.Result{}, ctx.Err()
	}
	s.log = append(s.log, fmt.Sprintf("end %s %v", w.Step.File(), failure != nil))
	err := s.fails["end "+w.Step.File()]
	if err == nil && failure == nil {
		s.at = w.Step.To
	}
	return backend.Result{}, err
}

func (s *session) Mark(context.Context, migration.Entry) error { return nil }

func (s *session) Close() error { return nil }

// grouper is a session that commits several steps together.
type grouper struct{ session }

func (g *grouper) ApplyGroup(ctx context.Context, works []backend.Work) ([]backend.Result, error) {
	g.log = append(g.log, fmt.Sprintf("group of %d", len(works)))
	var results []backend.Result
	for _, w := range works {
		result, err := g.Apply(ctx, w)
		var rolledBack *lost
		if errors.As(err, &rolledBack) {
			return nil, err
		}
		if err != nil {
			return results, err
		}
		results = append(results, result)
	}
	return results, nil
}

// lost is a failure that took the whole group with it.
type lost struct{ error }

func (l *lost) Unwrap() error { return l.error }

// makePlan returns a plan of scripts named by their version; a negative number
// is a program that says so.
func makePlan(versions ...int) plan.Plan {
	p := plan.Plan{Kind: migration.Files, Start: "0", End: "0"}
	for _, v := range versions {
		var body migration.Body = &migration.SQL{Name: fmt.Sprint(v)}
		number := 1
		if v < 0 {
			v, number = -v, 0
			body = &migration.Program{Name: fmt.Sprint(v), Language: migration.KindShell, Reader: func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader("echo out; echo err >&2; exit " + fmt.Sprint(v/100))), nil
			}}
		}
		s := plan.Step{Step: migration.Step{
			Migration: migration.Migration{Version: migration.Version(v), Up: body}, From: p.End, To: migration.Version(v).State(),
			Traits: migration.Traits{Checksum: "sum"},
		}, Transaction: number}
		p.Steps = append(p.Steps, s)
		p.End = s.To
	}
	return p
}

// told turns events into short lines.
func told(into *[]string) func(run.Event) {
	return func(e run.Event) {
		line := strings.TrimPrefix(fmt.Sprintf("%T", e), "run.")
		switch e := e.(type) {
		case run.Started:
			line += fmt.Sprintf(" %s %v", e.Step.File(), e.Shared)
		case run.Applied:
			line += " " + e.Step.File()
		case run.Found:
			line += " " + e.Finding.Message
		case run.Failed:
			line += " " + e.Step.File()
		case run.Printed:
			line += fmt.Sprintf(" %s %q", e.Stream, e.Chunk)
		}
		*into = append(*into, line)
	}
}

func files(steps []plan.Step) string {
	var all []string
	for _, s := range steps {
		all = append(all, s.File())
	}
	return strings.Join(all, " ")
}

func applied(r *run.Report) string {
	var all []string
	for _, a := range r.Applied {
		all = append(all, a.Step.File())
	}
	return strings.Join(all, " ")
}

func TestExecute(t *testing.T) {
	s := &session{at: "0"}
	var events []string
	p := makePlan(1, 2)
	p.Findings = []migration.Finding{{Message: "late"}}
	report, err := run.Execute(t.Context(), s, p, run.Options{OnEvent: told(&events), Tool: "tool", Host: "host"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Found late", "Planned", "Started 1 false", "Applied 1", "Found about 1", "Started 2 false", "Applied 2", "Found about 2",
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
	if report.Start != "0" || report.End != "2" || applied(report) != "1 2" || report.Failed != nil || len(report.Findings) != 3 || report.Duration <= 0 {
		t.Errorf("report: %+v", report)
	}
	wantEntry := migration.Entry{Kind: migration.Files, From: "1", To: "2", Name: "2", Checksum: "sum", Tool: "tool", Host: "host"}
	if diff := cmp.Diff(wantEntry, s.last.Entry); diff != "" {
		t.Error(diff)
	}
}

// A run stops at the first failure, and its report says what became of each
// step.
func TestExecuteStops(t *testing.T) {
	broken := errors.New("broken")
	s := &session{at: "0", fails: map[string]error{"2": broken}}
	var events []string
	report, err := run.Execute(t.Context(), s, makePlan(1, 2, 3, 4), run.Options{OnEvent: told(&events)})
	if !errors.Is(err, broken) || err.Error() != "2: broken" {
		t.Errorf("error %v", err)
	}
	if applied(report) != "1" || report.Failed.File() != "2" || files(report.Skipped) != "3 4" || report.End != "1" {
		t.Errorf("report: %+v", report)
	}
	if diff := cmp.Diff([]string{"apply 1", "apply 2"}, s.log); diff != "" {
		t.Error(diff)
	}
	if last := events[len(events)-1]; last != "Failed 2" {
		t.Errorf("last event %s", last)
	}
}

func TestExecuteGroup(t *testing.T) {
	var events []string
	g := &grouper{session{at: "0"}}
	if _, err := run.Execute(t.Context(), g, makePlan(1, 2, 3), run.Options{OnEvent: told(&events)}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Planned", "Started 1 true", "Started 2 true", "Started 3 true",
		"Applied 1", "Found about 1", "Applied 2", "Found about 2", "Applied 3", "Found about 3",
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
	// A session that can't commit several steps together is given one at a time.
	var single []string
	s := &session{at: "0"}
	if _, err := run.Execute(t.Context(), s, makePlan(1, 2), run.Options{OnEvent: told(&single)}); err != nil {
		t.Fatal(err)
	}
	want = []string{"Planned", "Started 1 false", "Applied 1", "Found about 1", "Started 2 false", "Applied 2", "Found about 2"}
	if diff := cmp.Diff(want, single); diff != "" {
		t.Error(diff)
	}
}

// Of a group that fails, those that are durable are applied and no others,
// wherever in it the failure was.
func TestExecuteGroupFails(t *testing.T) {
	place := &migration.Error{Origin: migration.Origin{File: "3", Line: 7}, Err: errors.New("broken")}
	g := &grouper{session{at: "0", fails: map[string]error{"3": place}}}
	report, err := run.Execute(t.Context(), g, makePlan(1, 2, 3, 4), run.Options{})
	if err != error(place) || applied(report) != "1 2" || report.Failed.File() != "3" || files(report.Skipped) != "4" || report.End != "2" {
		t.Errorf("%v, report: %+v", err, report)
	}
	g = &grouper{session{at: "0", fails: map[string]error{"3": &lost{place}}}}
	report, err = run.Execute(t.Context(), g, makePlan(1, 2, 3, 4), run.Options{})
	if !errors.Is(err, place.Err) || applied(report) != "" || report.Failed.File() != "3" || files(report.Skipped) != "1 2 4" || report.End != "0" {
		t.Errorf("%v, report: %+v", err, report)
	}
}

func TestExecuteStale(t *testing.T) {
	s := &session{at: "5"}
	var events []string
	report, err := run.Execute(t.Context(), s, makePlan(1), run.Options{OnEvent: told(&events)})
	if !errors.Is(err, migration.ErrStalePlan) || report.Start != "5" || report.End != "5" || len(s.log)+len(events) != 0 {
		t.Errorf("%v, %+v, %v, %v", err, report, s.log, events)
	}
	if _, err := run.Nothing("5", makePlan(), run.Options{}); !errors.Is(err, migration.ErrStalePlan) {
		t.Errorf("nothing to do: %v", err)
	}
}

func TestExecuteStrict(t *testing.T) {
	s := &session{at: "0"}
	p := makePlan(1)
	p.Findings = []migration.Finding{{File: "f", Message: "was edited", Hint: "mend it"}}
	report, err := run.Execute(t.Context(), s, p, run.Options{Strict: true})
	if !errors.Is(err, migration.ErrStrict) || migration.HintOf(err) != "mend it" || len(report.Findings) != 1 || len(s.log) != 0 {
		t.Errorf("%v, %+v, %v", err, report, s.log)
	}
	if err := run.Strict(false, p.Findings); err != nil {
		t.Error(err)
	}
	if err := run.Strict(true, nil); err != nil {
		t.Error(err)
	}
}

// A cancelled run stops between two steps and says where.
func TestExecuteCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &session{at: "0", hook: func(file string) {
		if file == "1" {
			cancel()
		}
	}}
	report, err := run.Execute(ctx, s, makePlan(1, 2, 3), run.Options{})
	if !errors.Is(err, context.Canceled) || applied(report) != "1" || report.Failed.File() != "2" || files(report.Skipped) != "3" {
		t.Errorf("%v, %+v", err, report)
	}
}

// The beginning of a program is recorded before it starts and its end after,
// however it ended.
func TestExecuteProgram(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name    string
		program int
		fails   map[string]error
		log     string
		says    []string // of the error; nil where there is none
	}{
		{"well", -1, nil, "begin 1,end 1 false,apply 900", nil},
		{"exit 7", -700, nil, "begin 700,end 700 true", []string{"700: sh exited with status 7"}},
		{"no beginning", -1, map[string]error{"begin 1": broken}, "begin 1", []string{"1: broken"}},
		{"no end", -1, map[string]error{"end 1": broken}, "begin 1,end 1 false", []string{"1: broken"}},
		{"exit 7, no end", -700, map[string]error{"end 700": broken}, "begin 700,end 700 true", []string{"status 7", "could not be recorded: broken"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &session{at: "0", fails: c.fails}
			var events []string
			report, err := run.Execute(t.Context(), s, makePlan(c.program, 900), run.Options{OnEvent: told(&events)})
			if got := strings.Join(s.log, ","); got != c.log {
				t.Errorf("asked for %s, want %s", got, c.log)
			}
			if c.says == nil {
				if err != nil || applied(report) != "1 900" {
					t.Errorf("%v, %+v", err, report)
				}
				for _, want := range []string{"Interpreter", `Printed stdout "out\n"`, `Printed stderr "err\n"`} {
					if !slices.Contains(events, want) {
						t.Errorf("no event %s in %q", want, events)
					}
				}
				return
			}
			if err == nil || report.Failed == nil || applied(report) != "" || files(report.Skipped) != "900" {
				t.Fatalf("%v, %+v", err, report)
			}
			for _, want := range c.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			var e *migration.Error
			if errors.As(err, &e); c.program == -700 && (e.Output != "out\nerr\n" || e.Hint == "") {
				t.Errorf("error %+v", e)
			}
		})
	}
}

// A program that is stopped is recorded as ended although the run is cancelled.
func TestExecuteProgramCancelled(t *testing.T) {
	p := makePlan(-1)
	p.Steps[0].Migration.Up.(*migration.Program).Reader = func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("echo started; exec sleep 60")), nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &session{at: "0"}
	report, err := run.Execute(ctx, s, p, run.Options{OnEvent: func(e run.Event) {
		if _, ok := e.(run.Printed); ok {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || report.Failed == nil || strings.Join(s.log, ",") != "begin 1,end 1 true" {
		t.Errorf("%v, %+v, %v", err, report, s.log)
	}
}

// Where there is no interpreter, nothing is begun.
func TestExecuteNoInterpreter(t *testing.T) {
	p := makePlan(-1)
	p.Steps[0].Migration.Up.(*migration.Program).Language = migration.KindPython
	s := &session{at: "0"}
	_, err := run.Execute(t.Context(), s, p, run.Options{Python: "/nowhere/python"})
	if err == nil || len(s.log) != 0 {
		t.Errorf("%v, %v", err, s.log)
	}
}

// A session that breaks its promise does not make the run go on for ever.
func TestExecuteLoiteringSession(t *testing.T) {
	g := &silent{session{at: "0"}}
	report, err := run.Execute(t.Context(), g, makePlan(1, 2), run.Options{})
	if err == nil || report.Failed == nil || report.Failed.File() != "1" {
		t.Errorf("%v, %+v", err, report)
	}
}

type silent struct{ session }

func (s *silent) ApplyGroup(context.Context, []backend.Work) ([]backend.Result, error) {
	return nil, nil
}
