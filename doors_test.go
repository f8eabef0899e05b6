package fastmigrate_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// door returns a Migrator over a new database that keeps its kind of history.
func door(t *testing.T, s source.Source) *fastmigrate.Migrator {
	t.Helper()
	b := sqlitefile.Open(filepath.Join(t.TempDir(), "app.db"))
	t.Cleanup(func() { _ = b.Close() })
	kept, err := backend.Keep(b, backend.Book{Kind: source.KindOf(s)})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	m, err := fastmigrate.New(b, s, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// standing returns a status in a short form, and looks at its times.
func standing(t *testing.T, m *fastmigrate.Migrator) string {
	t.Helper()
	s, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	words := []string{fmt.Sprintf("%s at %s, %d pending:", s.Kind, s.State, s.Pending)}
	for _, r := range s.Rows {
		words = append(words, fmt.Sprintf("%d:%s", r.Version, r.State))
		if done := r.State != fastmigrate.RowPending; done && time.Since(r.AppliedAt).Abs() > time.Hour {
			t.Errorf("%s applied at %v", r.Name, r.AppliedAt)
		}
	}
	for _, step := range s.Made {
		words = append(words, fmt.Sprintf("%s-%s(%s)", step.From, step.To, step.File))
		if time.Since(step.AppliedAt).Abs() > time.Hour {
			t.Errorf("%s made at %v", step.File, step.AppliedAt)
		}
	}
	for _, step := range s.Ahead {
		words = append(words, fmt.Sprintf("%s:%s", step.Direction, step.To))
	}
	return strings.Join(words, " ")
}

func stands(t *testing.T, m *fastmigrate.Migrator, want string) {
	t.Helper()
	if got := standing(t, m); got != want {
		t.Errorf("status\n got: %s\nwant: %s", got, want)
	}
}

func sound(t *testing.T, m *fastmigrate.Migrator, want ...migration.Code) {
	t.Helper()
	found, err := m.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var codes []migration.Code
	for _, f := range found {
		codes = append(codes, f.Code)
	}
	if fmt.Sprint(codes) != fmt.Sprint(want) {
		t.Errorf("verify found %v, want %v: %v", codes, want, found)
	}
}

func executes(statement string) migration.Func {
	return func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	}
}

// Functions are marked one row each, so that the database looks as if they had
// run; those above are forgotten.
func TestFunctionsStatusAndMark(t *testing.T) {
	var f source.Functions
	for i, name := range []string{"a", "b", "c"} {
		f.Add(i, name, executes("CREATE TABLE "+name+" (x)"))
	}
	f.AddRollback(0, "no_a", executes("DROP TABLE a"))
	m := door(t, &f)
	stands(t, m, "functions at none, 3 pending: 0:pending 1:pending 2:pending")
	if _, err := m.To(t.Context(), "0"); err != nil {
		t.Fatal(err)
	}
	if err := m.MarkAt(t.Context(), "2"); err != nil {
		t.Fatal(err)
	}
	stands(t, m, "functions at 2, 0 pending: 0:applied 1:applied 2:applied")
	names, err := (&fastmigrate.Functions{Migrator: m}).Applied(t.Context())
	if err != nil || len(names) != 3 || names[2].Name != "c" {
		t.Errorf("applied: %v, %v", names, err)
	}
	if err := m.MarkAt(t.Context(), "0"); err != nil {
		t.Fatal(err)
	}
	stands(t, m, "functions at 0, 2 pending: 0:applied 1:pending 2:pending")
	sound(t, m)
	if _, err := m.To(t.Context(), migration.None); err != nil {
		t.Fatal(err)
	}
	stands(t, m, "functions at none, 3 pending: 0:pending 1:pending 2:pending")
	if err := m.MarkAt(t.Context(), "3"); !errors.Is(err, migration.ErrNoVersion) {
		t.Errorf("marked as being at 3: %v", err)
	}
	if err := m.EnrollAt(t.Context(), 1); !errors.Is(err, migration.ErrUnsupported) {
		t.Errorf("enrolled: %v", err)
	}
}

// What a newer program applied is told, and not passed over.
func TestFunctionsOfANewerProgram(t *testing.T) {
	var newer source.Functions
	newer.Add(0, "a", executes("CREATE TABLE a (x)")).Add(1, "b", executes("CREATE TABLE b (x)"))
	path := filepath.Join(t.TempDir(), "app.db")
	over := func(f *source.Functions) *fastmigrate.Migrator {
		b := sqlitefile.Open(path)
		t.Cleanup(func() { _ = b.Close() })
		m, err := fastmigrate.New(b, f, fastmigrate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	kept, err := backend.Keep(sqlitefile.Open(path), backend.Book{Kind: migration.Functions})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if err := kept.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := over(&newer).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	var older source.Functions
	older.Add(0, "a", executes("CREATE TABLE a (x)"))
	m := over(&older)
	stands(t, m, "functions at 1, 0 pending: 0:applied 1:missing")
	sound(t, m, migration.CodeNewer)
}

var trails = folderOf(
	"20240101_initial_up_rev1.sql", "CREATE TABLE visits (x);",
	"20240102_rev1_up_rev2.sql", "INSERT INTO visits VALUES (2);",
	"20240103_rev2_up_rev3.sql", "INSERT INTO visits VALUES (3);",
	"20240103_rev1_up_side.sql", "INSERT INTO visits VALUES ('side');",
	"20240103_rev2_down_rev1.sql", "DELETE FROM visits WHERE x = 2;",
)

func TestGraphStatusAndMark(t *testing.T) {
	m := door(t, source.Revisions(trails))
	stands(t, m, "revisions at initial, 2 pending: up:rev1")
	if _, err := m.To(t.Context(), "rev2"); err != nil {
		t.Fatal(err)
	}
	stands(t, m, "revisions at rev2, 1 pending: initial-rev1(20240101_initial_up_rev1.sql) rev1-rev2(20240102_rev1_up_rev2.sql) up:rev3 down:rev1")
	if _, err := m.To(t.Context(), "rev1"); err != nil {
		t.Fatal(err)
	}
	// A step that no edge made has no file.
	if err := m.MarkAt(t.Context(), "rev3"); err != nil {
		t.Fatal(err)
	}
	stands(t, m, "revisions at rev3, 0 pending: initial-rev1(20240101_initial_up_rev1.sql) rev1-rev2(20240102_rev1_up_rev2.sql) "+
		"rev2-rev1(20240103_rev2_down_rev1.sql) rev1-rev3()")
	sound(t, m)
	if err := m.MarkAt(t.Context(), "rev9"); !errors.Is(err, migration.ErrNoPath) || !strings.Contains(err.Error(), "no file knows the revision rev9") {
		t.Errorf("marked as being at rev9: %v", err)
	}
}

// Where an edge leads up and another one down between the same revisions, the
// table does not tell which of them a step was made by, and neither do we.
func TestGraphStatusBothWays(t *testing.T) {
	m := door(t, source.Revisions(folderOf("20240101_initial_up_a.sql", "", "20240101_a_up_b.sql", "", "20240101_b_up_a.sql", "", "20240101_b_down_a.sql", "")))
	for _, to := range []migration.State{"a", "b", "a"} {
		if err := m.MarkAt(t.Context(), to); err != nil {
			t.Fatal(err)
		}
	}
	stands(t, m, "revisions at a, 0 pending: initial-a(20240101_initial_up_a.sql) a-b(20240101_a_up_b.sql) b-a() up:b")
}

// A step that another tool recorded from elsewhere is told until the database
// is marked, and so is a revision that no file knows.
func TestGraphVerify(t *testing.T) {
	b := sqlitefile.Open(filepath.Join(t.TempDir(), "app.db"))
	defer b.Close()
	m, err := fastmigrate.New(b, source.Revisions(trails), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := backend.Keep(b, backend.Book{Kind: migration.Revisions})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := b.DB()
	if err != nil {
		t.Fatal(err)
	}
	record := func(from, to string) {
		t.Helper()
		if _, err := db.Exec("INSERT INTO migrations (from_revision, to_revision) VALUES (?, ?)", from, to); err != nil {
			t.Fatal(err)
		}
	}
	record("initial", "rev1")
	sound(t, m)
	record("initial", "rev1")
	sound(t, m, migration.CodeHistory)
	if err := m.MarkAt(t.Context(), "rev1"); err != nil {
		t.Fatal(err)
	}
	sound(t, m)
	record("rev1", "elsewhere")
	sound(t, m, migration.CodeNewer)
}

// folderOf returns files by name and text, one behind the other.
func folderOf(namesAndTexts ...string) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for i := 0; i < len(namesAndTexts); i += 2 {
		fsys[namesAndTexts[i]] = &fstest.MapFile{Data: []byte(namesAndTexts[i+1])}
	}
	return fsys
}
