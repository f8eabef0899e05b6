package trek_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// graph is the one of the specification: up 0>1, 1>2, 1>3, 2>4 and down 1>0,
// 2>1, 3>2, 4>2, where each revision notes where it was.
var graph = folder(
	"initial_up_rev1", "CREATE TABLE visits (revision TEXT); INSERT INTO visits VALUES ('rev1')",
	"rev1_up_rev2", "INSERT INTO visits VALUES ('rev2')",
	"rev1_up_rev3", "INSERT INTO visits VALUES ('rev3')",
	"rev2_up_rev4", "INSERT INTO visits VALUES ('rev4')",
	"rev1_down_initial", "DROP TABLE visits",
	"rev2_down_rev1", "INSERT INTO visits VALUES ('back in rev1')",
	"rev3_down_rev2", "INSERT INTO visits VALUES ('back in rev2')",
	"rev4_down_rev2", "INSERT INTO visits VALUES ('back in rev2')",
)

func folder(namesAndTexts ...string) fstest.MapFS {
	files := make(fstest.MapFS)
	for i := 0; i < len(namesAndTexts); i += 2 {
		files[fmt.Sprintf("202401%02d_%s.sql", i/2+1, namesAndTexts[i])] = &fstest.MapFile{Data: []byte(namesAndTexts[i+1])}
	}
	return files
}

// database returns a new database, which is managed by nobody.
func database(t *testing.T) (*sqlite.Backend, *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	b := sqlitefile.Open(path)
	t.Cleanup(func() { _ = b.Close() })
	if err := b.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := b.DB()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DROP TABLE _meta"); err != nil {
		t.Fatal(err)
	}
	return b, db
}

func column(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text sql.NullString
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text.String)
	}
	return strings.Join(all, " ")
}

const steps = "SELECT from_revision || '>' || to_revision FROM migrations ORDER BY rowid"

func at(t *testing.T, b *sqlite.Backend, want migration.Revision) {
	t.Helper()
	if got, err := trek.Current(t.Context(), b); err != nil || got != want {
		t.Errorf("at %s, want %s, %v", got, want, err)
	}
}

func TestPlanAndExecute(t *testing.T) {
	b, db := database(t)
	s := source.Revisions(graph)
	planned, err := trek.Plan(t.Context(), b, s, "rev4", trek.Up)
	if err != nil {
		t.Fatal(err)
	}
	if got := column(t, db, "SELECT name FROM sqlite_schema"); got != "" {
		t.Errorf("planning wrote: %s", got)
	}
	if _, err := trek.Execute(t.Context(), b, planned); err != nil {
		t.Fatal(err)
	}
	at(t, b, "rev4")
	if got := column(t, db, "SELECT revision FROM visits"); got != "rev1 rev2 rev4" {
		t.Errorf("visits %s", got)
	}
	if got := column(t, db, "SELECT name FROM sqlite_schema WHERE type <> 'table' OR name <> 'visits' ORDER BY name"); got != "migrations migrations_timestamp_idx" {
		t.Errorf("schema: %s", got)
	}
	if _, err := trek.Execute(t.Context(), b, planned); !errors.Is(err, migration.ErrStalePlan) {
		t.Errorf("a second time: %v", err)
	}
	if report, err := trek.To(t.Context(), b, s, "rev4", trek.Up); err != nil || len(report.Applied) != 0 {
		t.Errorf("there already: %+v, %v", report, err)
	}
	if _, err := trek.To(t.Context(), b, s, "rev3", trek.Up); !errors.Is(err, migration.ErrNoPath) {
		t.Errorf("no path: %v", err)
	}
	// A step down adds a row too.
	if _, err := trek.To(t.Context(), b, s, "initial", trek.Open); err != nil {
		t.Fatal(err)
	}
	at(t, b, "initial")
	if got := column(t, db, steps); got != "initial>rev1 rev1>rev2 rev2>rev4 rev4>rev2 rev2>rev1 rev1>initial" {
		t.Errorf("steps %s", got)
	}
	if _, err := trek.To(t.Context(), b, s, "rev3", trek.Open); err != nil {
		t.Fatal(err)
	}
	at(t, b, "rev3")
}

// A plan is carried out whole or not at all.
func TestAllOrNothing(t *testing.T) {
	b, db := database(t)
	s := source.Revisions(folder(
		"initial_up_a", "CREATE TABLE a (n)",
		"a_up_b", "INSERT INTO a VALUES (1)",
		"b_up_c", "INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (3)",
	))
	report, err := trek.To(t.Context(), b, s, "c", trek.Up)
	if err == nil || !strings.Contains(err.Error(), "20240103_b_up_c.sql:1:") || !strings.Contains(err.Error(), "no such table: nowhere") {
		t.Errorf("err %v", err)
	}
	if len(report.Applied) != 0 || report.Failed == nil || report.Failed.File() != "20240103_b_up_c.sql" || len(report.Skipped) != 2 || report.End != "initial" {
		t.Errorf("report %+v", report)
	}
	if got := column(t, db, "SELECT name FROM sqlite_schema"); got != "" {
		t.Errorf("left behind: %s", got)
	}
	// What can't be part of a transaction is refused before anything runs.
	s = source.Revisions(folder("initial_up_a", "CREATE TABLE a (n)", "a_up_b", "VACUUM"))
	if _, err := trek.To(t.Context(), b, s, "b", trek.Up); !errors.Is(err, migration.ErrNotAtomic) || !strings.Contains(err.Error(), "20240102_a_up_b.sql") {
		t.Errorf("vacuum: %v", err)
	}
	if got := column(t, db, "SELECT name FROM sqlite_schema"); got != "" {
		t.Errorf("left behind: %s", got)
	}
}

// Edges may be functions; one that panics takes the whole plan back.
func TestEdgesInGo(t *testing.T) {
	b, db := database(t)
	broken := true
	s := source.Revisions(graph).With(
		source.Edge{From: "rev4", To: "rev5", Func: migration.Func(func(ctx context.Context, tx migration.Tx) error {
			if broken {
				panic("out of order")
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO visits VALUES (?)", "rev5 in Go")
			return err
		})},
	)
	_, err := trek.To(t.Context(), b, s, "rev5", trek.Up)
	var placed *migration.Error
	if !errors.As(err, &placed) || placed.Error() != "rev4_up_rev5.go: panic: out of order" || !strings.Contains(placed.Output, "trek_test.go") {
		t.Errorf("err %v, output %v", err, placed)
	}
	at(t, b, "initial")
	broken = false
	if _, err := trek.To(t.Context(), b, s, "rev5", trek.Up); err != nil {
		t.Fatal(err)
	}
	if got := column(t, db, "SELECT group_concat(revision, ', ') FROM visits"); got != "rev1, rev2, rev4, rev5 in Go" {
		t.Errorf("visits %s", got)
	}
}

// A database that the Python tool made is gone on with: its ids are NULL there.
func TestTakeOver(t *testing.T) {
	b, db := database(t)
	for _, statement := range []string{
		"CREATE TABLE migrations (id SERIAL PRIMARY KEY, from_revision TEXT, to_revision TEXT, timestamp TIMESTAMP NOT NULL DEFAULT current_timestamp)",
		"CREATE INDEX migrations_timestamp_idx ON migrations(timestamp)",
		"CREATE TABLE visits (revision TEXT)",
		"INSERT INTO migrations (from_revision, to_revision) VALUES ('initial', 'rev1'), ('rev1', 'rev3'), ('rev3', 'rev2')",
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	at(t, b, "rev2")
	if _, err := trek.To(t.Context(), b, source.Revisions(graph), "rev4", trek.Up); err != nil {
		t.Fatal(err)
	}
	if got := column(t, db, steps); got != "initial>rev1 rev1>rev3 rev3>rev2 rev2>rev4" {
		t.Errorf("steps %s", got)
	}
	// As the Python tool reads it: by the order of the rows, without ids.
	if got := column(t, db, "SELECT count(id) || ' ' || count(*) FROM migrations"); got != "0 4" {
		t.Errorf("ids and rows: %s", got)
	}
}

// Another program's table of the same name is not written to.
func TestForeignTable(t *testing.T) {
	b, db := database(t)
	if _, err := db.Exec("CREATE TABLE migrations (version TEXT, applied_at TEXT)"); err != nil {
		t.Fatal(err)
	}
	_, err := trek.To(t.Context(), b, source.Revisions(graph), "rev1", trek.Up)
	if !errors.Is(err, migration.ErrBadVersion) || !strings.Contains(err.Error(), "has the columns version, applied_at, and not from_revision") {
		t.Errorf("err %v", err)
	}
}
