package sqlite_test

import (
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// byHand are the statements of a rebuild that keeps the rows and nothing else.
const byHand = `CREATE TABLE new_people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age, "the boss");
INSERT INTO new_people SELECT id, coalesce(name, ''), age, "the boss" FROM people;
DROP VIEW adult_pets; DROP VIEW adults; DROP TRIGGER logged;
DROP TABLE "people";
ALTER TABLE main.new_people RENAME TO people;
`

// found returns the messages of the findings about rebuilds, one a line.
func found(findings []migration.Finding) string {
	var all []string
	for _, f := range findings {
		if f.Code == migration.CodeRebuild {
			all = append(all, f.String())
		}
	}
	return strings.Join(all, "\n")
}

func TestReview(t *testing.T) {
	const lost = "0001-a.sql: makes the table people anew without the index by_name and the trigger born"
	tests := []struct {
		name  string
		files files
		want  string
	}{
		{"what is lost", files{"0001-a.sql": byHand}, lost},
		{"in a transaction of its own", files{"0001-a.sql": "BEGIN;\n" + byHand + "COMMIT;"}, lost},
		{"an index made anew", files{"0001-a.sql": byHand + `CREATE INDEX [BY_NAME] ON "people" (name)`},
			"0001-a.sql: makes the table people anew without the trigger born"},
		{"all made anew", files{"0001-a.sql": byHand + "CREATE INDEX by_name ON people (name); CREATE TRIGGER born AFTER UPDATE OF name ON people BEGIN SELECT 1; END"}, ""},
		{"made before the new name", files{"0001-a.sql": strings.Replace(byHand, "ALTER", "CREATE INDEX by_name ON new_people (name); CREATE TRIGGER born AFTER INSERT ON new_people BEGIN SELECT 1; END; ALTER", 1)}, ""},
		{"dropped on purpose", files{"0001-a.sql": "DROP INDEX by_name; DROP TRIGGER IF EXISTS born;" + byHand}, ""},
		{"an index of a pending migration", files{"0001-a.sql": "CREATE TABLE t (a); CREATE UNIQUE INDEX IF NOT EXISTS main.ta ON t (a);",
			"0002-b.sql": "CREATE TABLE n (a); DROP TABLE t; ALTER TABLE n RENAME TO t"},
			"0002-b.sql: makes the table t anew without the index ta"},
		{"by way of a copy", files{"0001-a.sql": `CREATE TEMP TABLE kept AS SELECT * FROM people;
			DROP VIEW adult_pets; DROP VIEW adults; DROP TRIGGER logged; DROP TABLE people;
			CREATE TABLE people (id INTEGER PRIMARY KEY, name); INSERT INTO people SELECT id, name FROM kept; DROP TABLE kept`}, lost},
		{"a table that goes for good", files{"0001-a.sql": "DROP VIEW adult_pets; DROP VIEW adults; DROP TRIGGER logged; DROP TABLE people; ALTER TABLE log RENAME TO book"}, ""},
		{"child rows", files{"0001-a.sql": "PRAGMA foreign_keys = ON;\n" + byHand}, lost + "\n" +
			"0001-a.sql: drops the table people with foreign keys on, which deletes rows of pets, and makes it anew"},
		{"a PRAGMA that SQLite does not heed", files{"0001-a.sql": "BEGIN; PRAGMA foreign_keys = ON;\n" + byHand + "COMMIT;"}, lost},
		{"the old one gets another name", files{"0001-a.sql": `ALTER TABLE people RENAME TO old_people;
			CREATE TABLE people (id INTEGER PRIMARY KEY, name); INSERT INTO people SELECT id, name FROM old_people;
			DROP VIEW adult_pets; DROP VIEW adults; DROP TRIGGER logged; DROP TABLE old_people;`}, lost + "\n" +
			"0001-a.sql: leaves foreign keys of pets that lead to old_people, which it drops"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := sqlitefile.Open(newPeople(t))
			defer b.Close()
			m, err := fastmigrate.New(b, tt.files.source(), fastmigrate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			p, err := m.Plan(t.Context(), fastmigrate.Goal{})
			if err != nil {
				t.Fatal(err)
			}
			if got := found(p.Findings); got != tt.want {
				t.Errorf("found\n%s\nwant\n%s", got, tt.want)
			}
			if s, err := m.Status(t.Context()); err != nil || found(s.Findings) != tt.want {
				t.Errorf("status found\n%s\n%v", found(s.Findings), err)
			}
		})
	}
}

// What is foretold comes true, and a script of ours is blameless.
func TestReviewComesTrue(t *testing.T) {
	path := newPeople(t)
	script, err := rebuilt(t, path, backend.Rebuild{Table: "people", Change: []string{"age REAL"}})
	if err != nil {
		t.Fatal(err)
	}
	ours := files{"0001-ours.sql": script}
	if report := mustUp(t, path, ours); found(report.Findings) != "" {
		t.Errorf("found in a script of ours: %s", found(report.Findings))
	}
	ours["0002-theirs.sql"] = "PRAGMA foreign_keys = ON;\n" + byHand
	if report := mustUp(t, path, ours); !strings.Contains(found(report.Findings), "deletes rows of pets") {
		t.Errorf("found only %s", found(report.Findings))
	}
	check(t, path, "SELECT count(*) FROM pets", "0")
	check(t, path, "SELECT count(*) FROM sqlite_schema WHERE name IN ('by_name', 'born')", "0")
}

// A strict run stops before anything is lost; a session asks over its own
// connection.
func TestReviewStrict(t *testing.T) {
	for _, d := range doors {
		t.Run(d.name, func(t *testing.T) {
			b, _ := d.open(t)
			defer b.Close()
			prepare := files{"0001-people.sql": people}
			if _, err := upOn(t.Context(), t, b, prepare, fastmigrate.Options{}); err != nil {
				t.Fatal(err)
			}
			prepare["0002-theirs.sql"] = byHand
			report, err := upOn(t.Context(), t, b, prepare, fastmigrate.Options{Strict: true})
			wantError(t, err, migration.ErrStrict, "without the index by_name")
			if len(report.Applied) != 0 {
				t.Errorf("applied %s", applied(report))
			}
		})
	}
}
