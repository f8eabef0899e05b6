package trek_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// Whatever the graph, a plan that is carried out ends at its target, having been
// at each revision on the way; and where each edge has one that leads back, going
// up and down again restores the state.
func TestThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(t, "revisions")
		name := func(i int) string {
			if i == 0 {
				return "initial"
			}
			return fmt.Sprintf("rev%d", i)
		}
		files := make(fstest.MapFS)
		// Each edge finds the revision that it leaves in the table, or fails.
		edge := func(from, to int, direction string) {
			files[fmt.Sprintf("20240101_%s_%s_%s.sql", name(from), direction, name(to))] = &fstest.MapFile{Data: fmt.Appendf(nil,
				"UPDATE place SET at = CASE at WHEN '%s' THEN '%s' END;", name(from), name(to))}
		}
		for to := 1; to < n; to++ {
			for range rapid.IntRange(1, 2).Draw(t, "edges") {
				from := rapid.IntRange(0, to-1).Draw(t, "from")
				edge(from, to, "up")
				edge(to, from, "down")
			}
		}
		b := sqlitefile.Open(sqlite.Memory)
		defer b.Close()
		db, err := b.DB()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("CREATE TABLE place (at TEXT NOT NULL); INSERT INTO place VALUES ('initial')"); err != nil {
			t.Fatal(err)
		}
		place := func() (at string) {
			if err := db.QueryRow("SELECT at FROM place").Scan(&at); err != nil {
				t.Fatal(err)
			}
			return at
		}
		target := name(rapid.IntRange(0, n-1).Draw(t, "target"))
		s := source.Revisions(files)
		for _, leg := range []struct {
			to migration.Revision
			d  trek.Direction
		}{{migration.Revision(target), trek.Up}, {migration.Initial, trek.Down}} {
			report, err := trek.To(t.Context(), b, s, leg.to, leg.d)
			if err != nil {
				t.Fatal(err)
			}
			current, err := trek.Current(t.Context(), b)
			if err != nil || current != leg.to || report.End != leg.to.State() || place() != string(leg.to) {
				t.Fatalf("on the way to %s: at %s, report %s, place %s, %v", leg.to, current, report.End, place(), err)
			}
		}
	})
}
