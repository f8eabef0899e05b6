package plan_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

func TestGroup(t *testing.T) {
	wrapped := migration.Traits{Wrapped: true, Bytes: 100}
	p, err := plan.Linear(folder("1 2 3p 4 5 6 7 8 9 10 11 12 13 14"), plan.History{}, plan.Goal{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Steps {
		p.Steps[i].Traits = wrapped
	}
	trait := func(v int) *migration.Traits { return &p.Steps[v-1].Traits }
	*trait(5) = migration.Traits{OwnTransaction: true}
	*trait(7) = migration.Traits{Outside: true}
	trait(9).SessionState = true
	*trait(10) = migration.Traits{} // no-transaction
	trait(11).Bytes = 600           // large
	trait(12).Bytes = 450
	trait(13).Bytes = 450
	p.Group(true, plan.Limits{Script: 500, Group: 1000})
	want := []struct {
		transaction int
		alone       string
	}{
		{1, ""}, {1, ""}, {0, "outside program"}, {2, ""}, {3, "its own transactions"}, {4, ""}, {5, "outside of a transaction"}, {6, ""},
		{7, "settings"}, {8, "no-transaction"}, {9, "large"}, {10, ""}, {10, ""}, {10, ""},
	}
	for i, s := range p.Steps {
		if s.Transaction != want[i].transaction || !strings.Contains(s.Alone, want[i].alone) || (s.Alone == "") != (want[i].alone == "") {
			t.Errorf("step %d: transaction %d, alone %q; want %v", i+1, s.Transaction, s.Alone, want[i])
		}
	}
	trait(14).Bytes = 101 // one byte too much
	p.Group(true, plan.Limits{Script: 500, Group: 1000})
	if n := p.Steps[13].Transaction; n != 11 {
		t.Errorf("transaction %d holds more than the limit", n)
	}
	p.Group(false, plan.Limits{})
	for i, s := range p.Steps[:2] {
		if s.Transaction != i+1 {
			t.Errorf("step %d shares transaction %d", i+1, s.Transaction)
		}
	}
	p.Steps[0].Resume = 1
	p.Group(true, plan.Limits{})
	if p.Steps[0].Alone == "" || p.Steps[0].Transaction == p.Steps[1].Transaction {
		t.Error("a script that goes on shares a transaction")
	}
}

// The zero limits are one and eight megabytes.
func TestGroupDefaults(t *testing.T) {
	p, err := plan.Linear(folder("1 2 3 4 5 6 7 8 9 10"), plan.History{}, plan.Goal{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Steps {
		p.Steps[i].Traits = migration.Traits{Wrapped: true, Bytes: 1 << 20}
	}
	p.Group(true, plan.Limits{})
	if a, b := p.Steps[7].Transaction, p.Steps[8].Transaction; a != 1 || b != 2 {
		t.Errorf("the eighth and ninth megabyte are in transactions %d and %d", a, b)
	}
	p.Steps[3].Traits.Bytes++
	p.Group(true, plan.Limits{})
	if p.Steps[3].Alone == "" || p.Steps[4].Transaction != p.Steps[3].Transaction+1 {
		t.Error("more than a megabyte shares a transaction")
	}
}

// All or nothing is one transaction, whatever else would speak for several, and
// is refused by name where a step can't be part of it.
func TestTogether(t *testing.T) {
	p, err := plan.Linear(folder("1 2 3"), plan.History{}, plan.Goal{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Steps {
		p.Steps[i].Traits = migration.Traits{Wrapped: true, Bytes: 100 << 20, SessionState: true}
	}
	if err := p.Together(); err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Steps {
		if s.Transaction != 1 || s.Alone != "" {
			t.Errorf("%s is in transaction %d, alone: %q", s.File(), s.Transaction, s.Alone)
		}
	}
	for name, spoil := range map[string]func(*plan.Step){
		"manages its own": func(s *plan.Step) { s.Traits.OwnTransaction = true },
		"outside of":      func(s *plan.Step) { s.Traits.Outside = true },
		"no-transaction":  func(s *plan.Step) { s.Traits.Wrapped = false },
		"earlier run":     func(s *plan.Step) { s.Resume = 1 },
		"outside program": func(s *plan.Step) { s.Migration.Up = &migration.Program{Name: s.File(), Language: migration.KindShell} },
	} {
		spoiled := p
		spoiled.Steps = slices.Clone(p.Steps)
		spoil(&spoiled.Steps[1])
		err := spoiled.Together()
		if !errors.Is(err, migration.ErrNotAtomic) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), p.Steps[1].File()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
