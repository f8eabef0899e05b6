package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// History is what a database knows of itself: where it stands, and the entries
// of its history, oldest first. A database that was taken over has no entries,
// or none from before that.
type History struct {
	Current migration.Version
	Entries []migration.Entry
}

// applied returns, for each version that the history says is applied, the
// entry that says so.
func (h History) applied() map[migration.Version]migration.Entry {
	applied := make(map[migration.Version]migration.Entry)
	var newest migration.Version
	for _, e := range h.Entries {
		to, err := e.To.Version()
		if err != nil || e.Kind != migration.Files || !e.Ended() {
			continue
		}
		if to < newest {
			maps.DeleteFunc(applied, func(v migration.Version, _ migration.Entry) bool { return v > to })
		}
		newest = to
		if e.Direction == migration.Up && to > 0 {
			applied[to] = e
		}
	}
	return applied
}

// Unfinished returns the entry that was begun and did not come to its end, if
// the database still stands where it started from.
func (h History) Unfinished() (migration.Entry, bool) {
	return unfinished(migration.Files, h.Current.State(), h.Entries)
}

// unfinished does what [History.Unfinished] does, for any kind of history.
func unfinished(kind string, at migration.State, entries []migration.Entry) (migration.Entry, bool) {
	for _, e := range slices.Backward(entries) {
		if e.Kind != kind {
			continue
		}
		stuck := e.Status == migration.Begun || e.Status == migration.Failed && e.SegmentsDone > 0
		return e, stuck && e.From == at
	}
	return migration.Entry{}, false
}

// isScript says whether the body that an entry was made for was SQL, by its
// file's name.
func isScript(name string) bool { return strings.HasSuffix(name, "."+string(migration.KindSQL)) }

// resume lets the first step go on where an earlier run stopped, or says why
// the plan can't be carried out before that is settled.
func resume(p *Plan, entries []migration.Entry, goal Goal) error {
	e, stuck := unfinished(p.Kind, p.Start, entries)
	if goal.ResumeFrom > 0 && !stuck {
		return &migration.Error{
			Op: "plan", Err: fmt.Errorf("there is nothing to resume: no migration was begun that did not come to its end"),
			Hint: "leave --resume-from out",
		}
	}
	if !stuck || p.Empty() && p.Direction == migration.Down {
		return nil
	}
	var first *Step
	if len(p.Steps) > 0 {
		first = &p.Steps[0]
	}
	same := first != nil && first.Direction == e.Direction && first.To == e.To
	if same {
		// Only scripts have commits, and only programs are begun without any,
		// whatever the file is by now.
		_, script := first.Body().(*migration.SQL)
		switch {
		case script && (e.SegmentsDone > 0 || isScript(e.Name)):
			// What is durable of a script is known, even where it is nothing.
			first.Resume = e.SegmentsDone
			if goal.ResumeFrom > 0 {
				first.Resume, first.Trusted = goal.ResumeFrom-1, true
			}
			first.Retry = goal.retries(first)
			return nil
		case e.SegmentsDone == 0 && goal.retries(first):
			return nil
		}
	}
	if e.SegmentsDone > 0 {
		return &migration.Error{
			Op: "plan", Origin: migration.Origin{File: e.Name},
			Err:  fmt.Errorf("%w: its first %d commits are applied and the rest is not", migration.ErrUnfinished, e.SegmentsDone),
			Hint: fmt.Sprintf("run up with the file in place to finish it, or, when you have finished it by hand, fastmigrate mark %s", e.To),
		}
	}
	verb, version := "up", e.To
	if e.Direction == migration.Down {
		verb, version = "down", e.From
	}
	if e.Kind == migration.Revisions {
		verb, version = "to "+string(e.To), e.To
	}
	return &migration.Error{
		Op: "plan", Origin: migration.Origin{File: e.Name},
		Err: fmt.Errorf("%w: it was started %s on %s, and nobody knows how far it came",
			migration.ErrUnfinished, e.StartedAt.UTC().Format("2006-01-02 15:04:05 UTC"), e.Host),
		Hint: fmt.Sprintf("look at what it did; then fastmigrate %s --retry %s runs it again, and fastmigrate mark %s says that it is done", verb, version, e.To),
	}
}

// retries says whether a person wants a step to be run again that was begun.
func (g Goal) retries(s *Step) bool {
	if s.Migration.From != "" {
		return g.RetryTo != "" && g.RetryTo == s.To
	}
	return g.Retry != nil && *g.Retry == s.Migration.Version
}
