package mysql_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// edges is a folder of a graph: names without their dates, and texts.
type edges map[string]string

func (e edges) source() *source.RevisionFiles {
	fsys := fstest.MapFS{}
	for name, text := range e {
		fsys["20240101_"+name+".sql"] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return source.Revisions(fsys)
}

func trekTo(t testing.TB, url string, s *source.RevisionFiles, target migration.Revision, d trek.Direction) (*fastmigrate.Report, error) {
	t.Helper()
	return trek.To(t.Context(), open(t, url), s, target, d)
}

const revisionRows = "SELECT id, from_revision, to_revision FROM migrations ORDER BY id"

// Along a graph each step is recorded by itself, up and down.
func TestRevisions(t *testing.T) {
	url := testdb.MySQL(t)
	e := edges{
		"initial_up_a": "CREATE TABLE a (n INT); INSERT INTO a VALUES (1);", "a_up_b": "INSERT INTO a VALUES (2);", "b_up_C": "ALTER TABLE a ADD COLUMN x INT;",
		"C_down_b": "ALTER TABLE a DROP COLUMN x;", "b_down_a": "DELETE FROM a WHERE n = 2;", "a_down_initial": "DROP TABLE a;",
	}
	b := open(t, url)
	if at, err := trek.Current(t.Context(), b); err != nil || at != migration.Initial {
		t.Errorf("of an empty database: %s, %v", at, err)
	}
	if _, err := trek.Plan(t.Context(), b, e.source(), "C", trek.Up); err != nil {
		t.Error(err)
	}
	expect(t, url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()", "0")
	for _, to := range []migration.Revision{"b", "C", "C", "a"} {
		if _, err := trekTo(t, url, e.source(), to, trek.Open); err != nil {
			t.Fatalf("to %s: %v", to, err)
		}
	}
	expect(t, url, revisionRows, "1|initial|a 2|a|b 3|b|C 4|C|b 5|b|a")
	expect(t, url, "SELECT * FROM a", "1")
	expect(t, url, "SELECT kind, count(*), min(state) FROM _fastmigrate_history GROUP BY kind", "revisions|5|applied")
	expect(t, url, "SELECT count(*) FROM migrations WHERE abs(timestampdiff(SECOND, timestamp, UTC_TIMESTAMP())) < 60", "5")
	if _, err := trekTo(t, url, e.source(), "initial", trek.Down); err != nil {
		t.Fatal(err)
	}
	if _, err := trekTo(t, url, e.source(), "a", trek.Up); err != nil { // from an initial that has rows
		t.Fatal(err)
	}
	if at, err := trek.Current(t.Context(), b); err != nil || at != "a" {
		t.Errorf("%s, %v", at, err)
	}
}

// A script of a graph that fails in its midst is gone on with, as a numbered
// file is; the steps before it stay.
func TestRevisionsResume(t *testing.T) {
	url := testdb.MySQL(t)
	e := edges{"initial_up_a": "CREATE TABLE a (n INT);", "a_up_b": "CREATE TABLE b (n INT);\nINSERT INTO a VALUES (1);\nCREATE TABLE b (x INT);\nINSERT INTO a VALUES (2);"}
	_, err := trekTo(t, url, e.source(), "b", trek.Up)
	mention(t, err, "20240101_a_up_b.sql:3", "2 of its 4 statements")
	expect(t, url, revisionRows, "1|initial|a")
	e["a_up_b"] = replace(e["a_up_b"], "CREATE TABLE b (n", "CREATE TABLE changed (n")
	_, err = trekTo(t, url, e.source(), "b", trek.Up)
	mention(t, err, "fastmigrate to b --resume-from 3", "fastmigrate mark b")
	e["a_up_b"] = replace(replace(e["a_up_b"], "CREATE TABLE changed (n", "CREATE TABLE b (n"), "CREATE TABLE b (x", "CREATE TABLE c (x")
	if _, err = trekTo(t, url, e.source(), "b", trek.Up); err != nil {
		t.Fatal(err)
	}
	expect(t, url, revisionRows, "1|initial|a 2|a|b")
	expect(t, url, "SELECT n FROM a", "1 2")
	expect(t, url, "SELECT count(*) FROM _fastmigrate_progress", "0")
}

// A function that leads along a graph, was begun and did not end, is called
// again when a person names the revision.
func TestRevisionsBegun(t *testing.T) {
	url := testdb.MySQL(t)
	with := func(f migration.Func) *source.RevisionFiles {
		return edges{"a_up_b": "SELECT 1;"}.source().With(source.Edge{From: migration.Initial, To: "a", Func: f})
	}
	_, err := trekTo(t, url, with(thenFails(does("CREATE TABLE a (n INT)"))), "b", trek.Up)
	mention(t, err, "to a --retry a", "mark a")
	m, err := fastmigrate.New(open(t, url), with(does("INSERT INTO a VALUES (1)")), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Run(t.Context(), plan.Goal{Target: "b"})
	mention(t, err, "nobody knows", "to a --retry a")
	if _, err = m.Run(t.Context(), plan.Goal{Target: "b", RetryTo: "a"}); err != nil {
		t.Fatal(err)
	}
	expect(t, url, revisionRows, "1|initial|a 2|a|b")
}

// Another tool that goes another way meanwhile stops the run, and what it was
// about to record is not.
func TestRevisionsMoved(t *testing.T) {
	for name, f := range map[string]migration.Func{
		"rows":        does("INSERT INTO a VALUES (1)"),
		"definitions": does("CREATE TABLE b (n INT)", "INSERT INTO a VALUES (1)"),
	} {
		t.Run(name, func(t *testing.T) {
			url := testdb.MySQL(t)
			do(t, url, "CREATE TABLE a (n INT)")
			s := edges{}.source().With(source.Edge{From: migration.Initial, To: "a", Func: migration.Func(func(ctx context.Context, tx migration.Tx) error {
				do(t, url, "INSERT INTO migrations (from_revision, to_revision) VALUES ('initial', 'A')") // another case of the same letter
				return f(ctx, tx)
			})})
			report, err := trekTo(t, url, s, "a", trek.Up)
			if !errors.Is(err, migration.ErrMoved) || len(report.Applied) > 0 {
				t.Errorf("%+v, %v", report, err)
			}
			expect(t, url, revisionRows, "1|initial|A")
			expect(t, url, "SELECT count(*) FROM a", "0")
		})
	}
}

// A table migrations of another program is told from ours, and not written to.
func TestForeignTable(t *testing.T) {
	laravel := "CREATE TABLE migrations (id INT PRIMARY KEY, migration VARCHAR(255), batch INT)"
	f := new(source.Functions).Add(0, "x", does("SELECT 1"))
	for name, c := range map[string]struct {
		table string
		of    source.Source
		kind  string
	}{
		"functions":           {laravel, f, migration.Functions},
		"revisions":           {laravel, edges{"initial_up_a": ""}.source(), migration.Revisions},
		"of the other book":   {"CREATE TABLE migrations (id INT PRIMARY KEY, name TEXT, inserted_at DATETIME)", edges{"initial_up_a": ""}.source(), migration.Revisions},
		"of the other book 2": {"CREATE TABLE migrations (id INT PRIMARY KEY, from_revision TEXT, to_revision TEXT, timestamp DATETIME)", f, migration.Functions},
	} {
		t.Run(name, func(t *testing.T) {
			url := testdb.MySQL(t)
			do(t, url, c.table)
			m, err := fastmigrate.New(open(t, url), c.of, fastmigrate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = m.Up(t.Context())
			if !errors.Is(err, migration.ErrBadVersion) || !strings.Contains(err.Error(), "the table migrations has the columns id, ") {
				t.Errorf("%v", err)
			}
			mention(t, err, "another program's table")
			expect(t, url, "SELECT count(*) FROM migrations", "0")
			kept, err := backend.Keep(open(t, url), backend.Book{Kind: c.kind})
			if err != nil {
				t.Fatal(err)
			}
			if err := kept.Create(t.Context()); !errors.Is(err, migration.ErrBadVersion) {
				t.Errorf("create: %v", err)
			}
		})
	}
}

// Create makes the table, once, and of numbered files' books a table migrations
// is the user's own.
func TestCreateBook(t *testing.T) {
	for _, kind := range []string{migration.Functions, migration.Revisions} {
		url := testdb.MySQL(t)
		kept, err := backend.Keep(open(t, url), backend.Book{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		if err := kept.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect(t, url, "SELECT count(*) FROM migrations", "0")
		if err := kept.Create(t.Context()); !errors.Is(err, migration.ErrManaged) {
			t.Errorf("twice: %v", err)
		}
		create(t, url)
		mustUp(t, url, files{"0001-a.sql": "DROP TABLE migrations; CREATE TABLE migrations (mine INT);"})
	}
}
