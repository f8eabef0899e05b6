package plan

import (
	"errors"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Sequenced compares functions, in order of their numbers, with what a database
// says that was done, and returns what a person should know: functions that are
// applied and unknown here, and one that was begun and did not come to its end.
// The error wraps [migration.ErrNotGapless].
func Sequenced(functions []migration.Migration, entries []migration.Entry) ([]migration.Finding, error) {
	p, err := Sequence(functions, entries, Goal{})
	if err != nil && !errors.Is(err, migration.ErrUnfinished) {
		return p.Findings, err
	}
	found := p.Findings
	if e, stuck := unfinished(migration.Functions, p.Start, entries); stuck {
		found = append(found, begun(e))
	}
	return found, nil
}
