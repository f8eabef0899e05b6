package cli

import (
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// What --retry names is a number, but in a graph a revision, even if it has digits
// only.
func TestAgain(t *testing.T) {
	for _, c := range []struct {
		kind, text string
		version    migration.Version
		to         migration.State
		wrong      bool
	}{
		{kind: migration.Files, text: "0003", version: 3},
		{kind: migration.Functions, text: "3", version: 3},
		{kind: migration.Revisions, text: "rev3", to: "rev3"},
		{kind: migration.Revisions, text: "3", to: "3"},
		{kind: migration.Files, text: "rev3", wrong: true},
		{kind: migration.Functions, text: "none", wrong: true},
	} {
		var goal fastmigrate.Goal
		err := (&app{kind: c.kind}).again(&goal, place{text: c.text})
		if (err != nil) != c.wrong || goal.RetryTo != c.to || (goal.Retry != nil) != (c.to == "" && !c.wrong) {
			t.Errorf("%s %s: %+v, %v", c.kind, c.text, goal, err)
		}
		if goal.Retry != nil && *goal.Retry != c.version {
			t.Errorf("%s %s: %d", c.kind, c.text, *goal.Retry)
		}
	}
}
