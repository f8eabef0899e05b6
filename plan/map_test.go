package plan_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

func TestMap(t *testing.T) {
	for name, c := range map[string]struct {
		edges     string
		revisions string
		from      string
		ahead     int
	}{
		"to the nearest end":      {facts, "[initial 1 2 3 4]", "0", 2},
		"at an end":               {facts, "[initial 1 2 3 4]", "4", 0},
		"a cycle has no end":      {"0>1 1>2 2>1", "[initial 1 2]", "1", 0},
		"out of a cycle":          {"0>1 1>0 1>2 2>3", "[initial 1 2 3]", "0", 3},
		"out of reach at the end": {"0>1 8>7 1<9", "[initial 1 7 8 9]", "9", 0},
		"an unknown revision":     {facts, "[initial 1 2 3 4]", "x", 0},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := plan.NewMap(edges(c.edges))
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(m.Revisions()); got != c.revisions {
				t.Errorf("revisions %s, want %s", got, c.revisions)
			}
			if got := m.Ahead(revision(c.from)); got != c.ahead {
				t.Errorf("%d steps ahead, want %d", got, c.ahead)
			}
		})
	}
}

func TestThere(t *testing.T) {
	for kind, c := range map[string]struct {
		migrations []migration.Migration
		there, not []migration.State
	}{
		migration.Files:     {[]migration.Migration{{Version: 3}}, []migration.State{"0", "3"}, []migration.State{"1", "rev1"}},
		migration.Functions: {[]migration.Migration{{Version: 0}, {Version: 1}}, []migration.State{migration.None, "0", "1"}, []migration.State{"2", "rev1"}},
		migration.Revisions: {edges(facts), []migration.State{"initial", "4"}, []migration.State{"9", "none"}},
	} {
		for _, s := range c.there {
			if err := plan.There(kind, c.migrations, s); err != nil {
				t.Errorf("%s %s: %v", kind, s, err)
			}
		}
		for _, s := range c.not {
			if err := plan.There(kind, c.migrations, s); !errors.Is(err, migration.ErrNoVersion) && !errors.Is(err, migration.ErrNoPath) {
				t.Errorf("%s %s: %v", kind, s, err)
			}
		}
	}
}
