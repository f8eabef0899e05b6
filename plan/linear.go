package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Linear plans the way from the version that the history stands at to the goal,
// over migrations that are in order of their versions.
//
// Its errors wrap [migration.ErrNoVersion] where the goal names a version that
// there is no way to, [migration.ErrNoRollback] where a step down has no
// script, and [migration.ErrUnfinished] where something that was begun stands
// in the way.
func Linear(migrations []migration.Migration, h History, goal Goal) (Plan, error) {
	goal, err := goal.among(h.Current)
	p := Plan{Kind: migration.Files, Direction: goal.Direction, Start: h.Current.State(), End: h.Current.State()}
	if err != nil {
		return p, err
	}
	if goal.Direction == migration.Down {
		p.Steps, err = down(migrations, h, goal)
	} else {
		p.Steps, err = up(migrations, h.Current, goal.To)
	}
	if err != nil {
		return p, err
	}
	if err := resume(&p, h.Entries, goal); err != nil {
		return p, err
	}
	if n := len(p.Steps); n > 0 {
		p.End = p.Steps[n-1].To
	}
	return p, nil
}

// among settles where a goal leads from a version, among versions.
func (g Goal) among(current migration.Version) (Goal, error) {
	if g.To == nil && g.Target != "" {
		v, err := g.Target.Version()
		if err != nil {
			return g, &migration.Error{
				Op:   "plan",
				Err:  fmt.Errorf("%w: %s is not a version", migration.ErrNoVersion, g.Target),
				Hint: "migrations in numbered files have versions: 0, 1, 2 …",
			}
		}
		g.To = &v
	}
	if g.Open {
		g.Direction = migration.Up
		if g.To != nil && *g.To < current {
			g.Direction = migration.Down
		}
	}
	return g, nil
}

// up returns the steps from current to the target, or to the newest.
func up(migrations []migration.Migration, current migration.Version, to *migration.Version) ([]Step, error) {
	target := Newest(migrations)
	if to != nil {
		target = *to
		if target < current {
			return nil, &migration.Error{
				Op:   "plan",
				Err:  fmt.Errorf("the database is at version %d, above %d", current, target),
				Hint: fmt.Sprintf("fastmigrate down --to %d goes back", target),
			}
		}
		if target != current && find(migrations, target) < 0 {
			return nil, noVersion(migrations, target)
		}
	}
	first, _ := slices.BinarySearchFunc(migrations, current+1, byVersion)
	steps := make([]Step, 0, len(migrations)-first)
	from := current
	for _, m := range migrations[first:] {
		if m.Version <= target {
			steps = append(steps, Step{Step: migration.Step{Migration: m, From: from.State(), To: m.Version.State()}})
			from = m.Version
		}
	}
	return steps, nil
}

// down returns the steps back, newest first.
func down(migrations []migration.Migration, h History, goal Goal) ([]Step, error) {
	if goal.To != nil && *goal.To > h.Current {
		return nil, &migration.Error{
			Op:   "plan",
			Err:  fmt.Errorf("the database is at version %d, below %d", h.Current, *goal.To),
			Hint: fmt.Sprintf("fastmigrate up --to %d goes there", *goal.To),
		}
	}
	left := max(goal.Steps, 1)
	applied := h.applied()
	var steps []Step
	for at := h.Current; ; {
		if goal.To != nil && at == *goal.To {
			return steps, nil
		}
		if at == 0 || goal.To == nil && left == 0 {
			return steps, nil
		}
		if goal.To != nil && at < *goal.To {
			return nil, noVersion(migrations, *goal.To)
		}
		i := find(migrations, at)
		if i < 0 || migrations[i].Down == nil {
			return nil, noRollback(migrations, i, at)
		}
		below := previous(migrations, applied, at)
		steps = append(steps, Step{Step: migration.Step{
			Migration: migrations[i], Direction: migration.Down, From: at.State(), To: below.State(),
		}})
		at = below
		left--
	}
}

// previous returns where a step down from v leads: to where v was applied
// from, if that is recorded, and to the next lower file if it is not.
func previous(migrations []migration.Migration, applied map[migration.Version]migration.Entry, v migration.Version) migration.Version {
	if e, ok := applied[v]; ok && e.Status == migration.Applied {
		if from, err := e.From.Version(); err == nil && from < v {
			return from
		}
	}
	if i := find(migrations, v); i > 0 {
		return migrations[i-1].Version
	}
	return 0
}

// Newest returns the highest version there is, or 0 where there is none.
func Newest(migrations []migration.Migration) migration.Version {
	if len(migrations) == 0 {
		return 0
	}
	return migrations[len(migrations)-1].Version
}

// byVersion compares for a search in migrations, which are in order.
func byVersion(m migration.Migration, v migration.Version) int { return cmp.Compare(m.Version, v) }

// find returns the index of the migration with version v, or -1.
func find(migrations []migration.Migration, v migration.Version) int {
	i, ok := slices.BinarySearchFunc(migrations, v, byVersion)
	if !ok {
		return -1
	}
	return i
}

// noVersion says that v is not to be reached, and what is.
func noVersion(migrations []migration.Migration, v migration.Version) error {
	hint := "there are no migrations yet"
	if n := len(migrations); n > 0 {
		hint = fmt.Sprintf("versions go from %d to %d", migrations[0].Version, Newest(migrations))
		i, _ := slices.BinarySearchFunc(migrations, v, byVersion)
		if i > 0 && i < n {
			hint = fmt.Sprintf("the nearest are %d and %d", migrations[i-1].Version, migrations[i].Version)
		}
	}
	return &migration.Error{Op: "plan", Err: fmt.Errorf("%w: no migration leads to version %d", migration.ErrNoVersion, v), Hint: hint}
}

// noRollback says which script is missing on the way down.
func noRollback(migrations []migration.Migration, i int, v migration.Version) error {
	if i < 0 {
		return &migration.Error{
			Op:   "plan",
			Err:  fmt.Errorf("%w: version %d has no file, so nothing says how to take it back", migration.ErrNoRollback, v),
			Hint: "add the file and its rollback script, or restore a backup",
		}
	}
	m := migrations[i]
	return &migration.Error{
		Op:   "plan",
		Err:  fmt.Errorf("%w for %s", migration.ErrNoRollback, m.Up.File()),
		Hint: fmt.Sprintf("write rollback/%s.sql in the migrations folder; nothing was changed", m.Label()),
	}
}

// Exists returns nil for version 0 and for a version that has a migration. The
// error wraps [migration.ErrNoVersion].
func Exists(migrations []migration.Migration, v migration.Version) error {
	if v == 0 || find(migrations, v) >= 0 {
		return nil
	}
	return noVersion(migrations, v)
}
