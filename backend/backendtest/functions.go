package backendtest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

// sequence returns functions, named by their numbers, the last of which can be
// taken back.
func sequence(t testing.TB, functions ...migration.Func) []migration.Migration {
	t.Helper()
	var f source.Functions
	for i, up := range functions {
		f.Add(i, named(i), up)
	}
	f.AddRollback(len(functions)-1, "back", func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM a WHERE n >= 100")
		return err
	})
	all, err := f.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func named(i int) string { return "it's number " + string(rune('0'+i)) + ` "ü" \ $1` }

// functions: those of a sequence are applied in order, each with its row, and
// taken back.
func (s *suite) functions(t *testing.T) {
	k := s.keep(t, migration.Functions)
	k.stands(migration.None)
	if told := k.told(); len(told) > 0 {
		t.Errorf("a database without the table tells of %q", told)
	}
	all := sequence(t, s.inserts(1), s.inserts(2, 3), s.inserts(100))
	report, err := k.reach(t.Context(), all, plan.Goal{})
	if err != nil || len(report.Applied) != 3 || report.Start != migration.None || report.End != "2" {
		t.Fatalf("up: %s, %v", reported(report), err)
	}
	k.holds("a", 1, 2, 3, 100)
	k.stands("2")
	if told := k.told(); !slices.Equal(told, []string{"0 " + named(0), "1 " + named(1), "2 " + named(2)}) {
		t.Errorf("recorded as %q", told)
	}
	if report, err := k.reach(t.Context(), all, plan.Goal{}); err != nil || len(report.Applied) > 0 {
		t.Errorf("up again: %s, %v", reported(report), err)
	}
	if report, err := k.reach(t.Context(), all, plan.Goal{Direction: migration.Down}); err != nil || report.End != "1" {
		t.Errorf("down: %s, %v", reported(report), err)
	}
	k.stands("1")
	k.holds("a", 1, 2, 3)
	_, err = k.reach(t.Context(), all, plan.Goal{Direction: migration.Down})
	fails(t, "down without a rollback", err, migration.ErrNoRollback)
	if _, err := k.reach(t.Context(), all, plan.Goal{}); err != nil {
		t.Errorf("up once more: %v", err)
	}
	k.holds("a", 1, 2, 3, 100)
	k.unrecorded()
}

// functionFails: a function that fails, or panics, leaves nothing; those before
// it stay, and those behind it do not run.
func (s *suite) functionFails(t *testing.T) {
	broken := errors.New("broken")
	for name, how := range map[string]func(context.Context, migration.Tx) error{
		"error": func(context.Context, migration.Tx) error { return broken },
		"database": func(ctx context.Context, tx migration.Tx) error {
			_, err := tx.ExecContext(ctx, s.Scripts.Failing)
			return err
		},
		"panic": func(context.Context, migration.Tx) error { panic(broken) },
	} {
		k := s.keep(t, migration.Functions)
		all := sequence(t, s.inserts(1), func(ctx context.Context, tx migration.Tx) error {
			if err := s.inserts(2, 3)(ctx, tx); err != nil {
				return err
			}
			return how(ctx, tx)
		}, s.inserts(100))
		report, err := k.reach(t.Context(), all, plan.Goal{})
		if err == nil || len(report.Applied) != 1 || report.Failed == nil || report.Failed.Migration.Version != 1 {
			t.Errorf("%s: %s, %v", name, reported(report), err)
		}
		if name == "error" {
			fails(t, "a function's own error", err, broken)
		}
		k.holds("a", 1)
		k.stands("0")
		if _, err := k.reach(t.Context(), sequence(t, s.inserts(1), s.inserts(4), s.inserts(100)), plan.Goal{}); err != nil {
			t.Errorf("%s, mended: %v", name, err)
		}
		k.holds("a", 1, 4, 100)
	}
}

// functionsMoved: a row that another tool has written meanwhile stops the run.
func (s *suite) functionsMoved(t *testing.T) {
	if !s.shared() {
		t.Skip("nobody else can reach the database")
	}
	k := s.keep(t, migration.Functions)
	all := sequence(t, s.inserts(1), s.inserts(100))
	if _, err := k.reach(t.Context(), all[:1], plan.Goal{}); err != nil {
		t.Fatal(err)
	}
	session, err := k.books.Session(t.Context(), backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := k.planned(t.Context(), session, all, plan.Goal{}, false)
	if err != nil {
		t.Fatal(err)
	}
	s.Exec(t, k.Database, "INSERT INTO migrations (id, name) VALUES (1, 'theirs');\n")
	w := work(p.Steps[0])
	w.Entry.Kind = k.kind
	_, err = session.Apply(t.Context(), w)
	fails(t, "Apply when another tool has recorded the function", err, migration.ErrMoved)
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	k.holds("a", 1)
	if told := k.told(); !slices.Equal(told, []string{"0 " + named(0), "1 theirs"}) {
		t.Errorf("recorded as %q", told)
	}
}

// functionKilled: a process that is killed in the middle of a function leaves
// nothing of it, and the next run finishes.
func (s *suite) functionKilled(t *testing.T) {
	if s.Reach != EveryProcess {
		t.Skip("no other process can reach the database")
	}
	k := s.keep(t, migration.Functions)
	p := k.start(jobDieInFunction)
	if said := p.hears(); said != "dying" {
		t.Fatalf("the process said %s", said)
	}
	p.kill()
	all := sequence(t, s.inserts(1), s.inserts(2, 3))
	if _, err := k.reach(t.Context(), all, plan.Goal{}); err != nil {
		t.Fatalf("up after the kill: %v", err)
	}
	k.holds("a", 1, 2, 3)
	k.stands("1")
}
