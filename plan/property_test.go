package plan_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// someFolder draws migrations in order of their versions, all with a rollback
// script.
func someFolder(t *rapid.T) []migration.Migration {
	versions := rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 0, 12, rapid.ID[int]).Draw(t, "versions")
	slices.Sort(versions)
	var all []migration.Migration
	for _, v := range versions {
		body := func(kind string) migration.Body {
			if rapid.IntRange(0, 4).Draw(t, kind) == 0 {
				return &migration.Program{Name: migration.Version(v).String() + ".sh", Language: migration.KindShell}
			}
			return &migration.SQL{Name: migration.Version(v).String() + ".sql"}
		}
		all = append(all, migration.Migration{Version: migration.Version(v), Up: body("up"), Down: body("down")})
	}
	return all
}

// apply goes a plan's steps: it returns the history after it.
func apply(t *rapid.T, h plan.History, p plan.Plan) plan.History {
	if p.Start != h.Current.State() {
		t.Fatalf("plan starts at %s, the database is at %d", p.Start, h.Current)
	}
	at := p.Start
	for _, s := range p.Steps {
		if s.From != at {
			t.Fatalf("a step goes from %s, and the one before went to %s", s.From, at)
		}
		from, _ := s.From.Version()
		to, err := s.To.Version()
		if err != nil || (to > from) != (p.Direction == migration.Up) || to == from || s.Direction != p.Direction {
			t.Fatalf("a step from %s to %s in a plan that goes %s", s.From, s.To, p.Direction)
		}
		at = s.To
		h.Current = to
		h.Entries = append(h.Entries, migration.Entry{
			Kind: p.Kind, From: s.From, To: s.To, Direction: s.Direction, Status: migration.Applied, Name: s.File(),
		})
	}
	if p.End != at {
		t.Fatalf("plan ends at %s, its steps at %s", p.End, at)
	}
	return h
}

func linear(t *rapid.T, m []migration.Migration, h plan.History, g plan.Goal) plan.Plan {
	p, err := plan.Linear(m, h, g)
	if err != nil {
		t.Fatalf("from %d: %v", h.Current, err)
	}
	return p
}

// Whatever files there are, and in however many runs and from wherever they
// are applied while further files appear below: going back over all rollback
// scripts leads to the start.
func TestUpThenDown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := someFolder(t)
		start := migration.Version(0)
		h := plan.History{Current: start}
		for range rapid.IntRange(1, 4).Draw(t, "runs") {
			var there []migration.Migration
			for _, m := range all {
				recorded := slices.ContainsFunc(h.Entries, func(e migration.Entry) bool { return e.To == m.Version.State() })
				if recorded || rapid.Bool().Draw(t, "there") {
					there = append(there, m)
				}
			}
			g := plan.Goal{}
			if i := rapid.IntRange(-1, len(there)-1).Draw(t, "to"); i >= 0 && there[i].Version >= h.Current {
				g = plan.UpTo(there[i].Version)
			}
			h = apply(t, h, linear(t, there, h, g))
			if rapid.Bool().Draw(t, "back one") {
				h = apply(t, h, linear(t, there, h, plan.Goal{Direction: migration.Down}))
			}
		}
		p := linear(t, all, h, plan.DownTo(start))
		if h = apply(t, h, p); h.Current != start {
			t.Fatalf("down leads to %d", h.Current)
		}
		// And up again, over all that there is by now.
		h = apply(t, h, linear(t, all, h, plan.Goal{}))
		if h.Current != plan.Newest(all) {
			t.Fatalf("up leads to %d", h.Current)
		}
	})
}

// Transactions are numbered as they come, programs have none, and what is
// alone shares with nobody.
func TestGroupNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := linear(t, someFolder(t), plan.History{}, plan.Goal{})
		for i := range p.Steps {
			b := rapid.Bool()
			p.Steps[i].Traits = migration.Traits{
				Wrapped: b.Draw(t, "wrapped"), SessionState: b.Draw(t, "session"), Outside: b.Draw(t, "outside"),
				OwnTransaction: b.Draw(t, "own"), Bytes: int64(rapid.IntRange(0, 120).Draw(t, "bytes")),
			}
		}
		l := plan.Limits{Script: 100, Group: 250}
		p.Group(rapid.Bool().Draw(t, "shared"), l)
		last := 0
		for i, s := range p.Steps {
			if _, program := s.Body().(*migration.Program); program != (s.Transaction == 0) {
				t.Fatalf("step %d: program %v in transaction %d", i, program, s.Transaction)
			}
			if s.Transaction == 0 {
				continue
			}
			if s.Transaction != last && s.Transaction != last+1 {
				t.Fatalf("transaction %d follows %d", s.Transaction, last)
			}
			last = s.Transaction
			var bytes int64
			n := 0
			for j, o := range p.Steps {
				if o.Transaction == s.Transaction {
					n++
					bytes += o.Traits.Bytes
					if j != i && (o.Alone != "" || s.Alone != "") {
						t.Fatalf("step %d is alone (%s%s) and shares transaction %d", i, s.Alone, o.Alone, s.Transaction)
					}
				}
			}
			if n > 1 && bytes > l.Group {
				t.Fatalf("transaction %d has %d bytes", s.Transaction, bytes)
			}
		}
	})
}
