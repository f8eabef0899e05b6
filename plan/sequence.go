package plan

import (
	"fmt"
	"slices"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Sequence plans the way to the goal over functions that are numbered 0, 1, 2 …
// in order: up by those that the entries don't say are applied, down by taking
// back the highest that is.
//
// Its errors wrap [migration.ErrNotGapless] where a number is missing,
// [migration.ErrNoVersion] where the goal names a function that there is not,
// [migration.ErrNoRollback] where a step down has no function, and
// [migration.ErrUnfinished] where one that was begun stands in the way.
func Sequence(functions []migration.Migration, entries []migration.Entry, goal Goal) (Plan, error) {
	s := sequence{functions: functions}
	for _, e := range entries {
		if v, err := e.To.Version(); err == nil && e.Kind == migration.Functions && e.Ended() {
			s.applied = append(s.applied, v)
			s.names = append(s.names, e)
		}
	}
	p := Plan{Kind: migration.Functions, Direction: goal.Direction, Start: s.at(), End: s.at()}
	if err := Gapless(functions); err != nil {
		return p, err
	}
	target, err := s.target(&goal)
	if err != nil {
		return p, err
	}
	p.Direction = goal.Direction
	if goal.Direction == migration.Down {
		p.Steps, err = s.down(target, goal)
	} else {
		p.Steps, err = s.up(target)
	}
	if err == nil {
		err = resume(&p, entries, goal)
	}
	if n := len(p.Steps); n > 0 {
		p.End = p.Steps[n-1].To
	}
	p.Findings = s.unknown()
	return p, err
}

// Gapless returns an error that wraps [migration.ErrNotGapless] unless the
// functions, in order, are numbered 0, 1, 2 …
func Gapless(functions []migration.Migration) error {
	for i, m := range functions {
		if m.Version != migration.Version(i) {
			return &migration.Error{
				Op: "plan", Origin: migration.Origin{File: m.Up.File()},
				Err:  fmt.Errorf("%w: there is no function %d before it", migration.ErrNotGapless, i),
				Hint: "number them 0, 1, 2 … without a gap; nothing was run",
			}
		}
	}
	return nil
}

// sequence is functions with those numbers that are applied, lowest first.
type sequence struct {
	functions []migration.Migration
	applied   []migration.Version
	names     []migration.Entry // of what is applied
}

// at returns the highest function that is applied.
func (s *sequence) at() migration.State {
	if len(s.applied) == 0 {
		return migration.None
	}
	return s.applied[len(s.applied)-1].State()
}

// target returns the number to go to, -1 for none, and settles the goal's
// direction. Without a target it is the newest function.
func (s *sequence) target(goal *Goal) (migration.Version, error) {
	newest := migration.Version(len(s.functions) - 1)
	target := newest
	switch {
	case goal.To != nil:
		target = *goal.To
	case goal.Target == migration.None:
		target = -1
	case goal.Target != "":
		var err error
		if target, err = goal.Target.Version(); err != nil {
			return 0, s.noFunction(string(goal.Target))
		}
	default:
		return target, nil
	}
	current := migration.Version(-1)
	if n := len(s.applied); n > 0 {
		current = s.applied[n-1]
	}
	if goal.Open {
		goal.Direction = migration.Up
		if target < current {
			goal.Direction = migration.Down
		}
	}
	switch {
	case target > newest && target != current:
		return 0, s.noFunction(target.State())
	case goal.Direction == migration.Up && target < current:
		return 0, &migration.Error{
			Op: "plan", Err: fmt.Errorf("function %d is applied, above %d", current, target),
			Hint: fmt.Sprintf("roll back to %d to go there", target),
		}
	case goal.Direction == migration.Down && target > current:
		return 0, &migration.Error{
			Op: "plan", Err: fmt.Errorf("the newest function applied is %s, below %d", s.at(), target),
			Hint: fmt.Sprintf("migrate up to %d to go there", target),
		}
	}
	return target, nil
}

func (s *sequence) noFunction(name any) error {
	return &migration.Error{
		Op:   "plan",
		Err:  fmt.Errorf("%w: there is no function %v", migration.ErrNoVersion, name),
		Hint: fmt.Sprintf("there are %d, numbered from 0", len(s.functions)),
	}
}

// up returns a step for each function up to the target that is not applied.
func (s *sequence) up(target migration.Version) ([]Step, error) {
	var steps []Step
	at := s.at()
	for _, m := range s.functions {
		if m.Version > target {
			break
		}
		if slices.Contains(s.applied, m.Version) {
			continue
		}
		to := at
		if v, err := at.Version(); err != nil || v < m.Version {
			to = m.Version.State()
		}
		steps = append(steps, Step{Step: migration.Step{Migration: m, From: at, To: to}})
		at = to
	}
	return steps, nil
}

// down returns the steps back, newest first: to the target, or as many as the
// goal says.
func (s *sequence) down(target migration.Version, goal Goal) ([]Step, error) {
	left := max(goal.Steps, 1)
	if goal.To != nil || goal.Target != "" {
		left = len(s.applied)
	} else {
		target = -1
	}
	var steps []Step
	for i := len(s.applied) - 1; i >= 0 && s.applied[i] > target && left > 0; i-- {
		v, below := s.applied[i], migration.None
		if i > 0 {
			below = s.applied[i-1].State()
		}
		at := find(s.functions, v)
		if at < 0 || s.functions[at].Down == nil {
			return nil, s.noRollback(s.names[i])
		}
		steps = append(steps, Step{Step: migration.Step{Migration: s.functions[at], Direction: migration.Down, From: v.State(), To: below}})
		left--
	}
	return steps, nil
}

func (s *sequence) noRollback(e migration.Entry) error {
	return &migration.Error{
		Op: "plan",
		Err: fmt.Errorf("%w for the latest applied migration: id %s, name %s, applied %s",
			migration.ErrNoRollback, e.To, e.Name, e.FinishedAt.UTC().Format("2006-01-02 15:04:05")),
		Hint: "register one with AddRollback; nothing was changed",
	}
}

// unknown returns a finding for each function that is applied and that this
// program does not have.
func (s *sequence) unknown() []migration.Finding {
	var found []migration.Finding
	for i, v := range s.applied {
		if find(s.functions, v) < 0 {
			found = append(found, migration.Finding{
				Code:    migration.CodeNewer,
				Message: fmt.Sprintf("function %d (%s) is applied, and this program does not have it", v, s.names[i].Name),
				Hint:    "a newer release of the program was here; deploy it before going on",
			}.About(v))
		}
	}
	return found
}
