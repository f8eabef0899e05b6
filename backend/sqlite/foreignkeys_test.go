package sqlite_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// family is a schema with two foreign keys and rows that keep them.
const family = `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE q (id INTEGER PRIMARY KEY);
CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p); CREATE TABLE d (id INTEGER PRIMARY KEY, q REFERENCES q);
INSERT INTO p VALUES (1), (2); INSERT INTO q VALUES (1); INSERT INTO c VALUES (10, 1), (11, 2); INSERT INTO d VALUES (20, 1);`

// Rows that refer to nothing are told of with the migration that names one of
// the two tables.
func TestForeignKeys(t *testing.T) {
	for name, c := range map[string]struct {
		migration string
		want      []string
	}{
		"fine":       {"UPDATE p SET id = 1 WHERE id = 1;", nil},
		"the child":  {"INSERT INTO c VALUES (12, 9);", []string{"1 row of c refers to rows of p that are not there: rowid 12"}},
		"the parent": {"DELETE FROM p;", []string{"2 rows of c refer to rows of p that are not there: rowid 10, 11"}},
		"both":       {"DELETE FROM P; DELETE FROM \"q\";", []string{"2 rows of c refer", "1 row of d refers"}},
		"many":       {"INSERT INTO c SELECT value, 99 FROM json_each('[31,32,33,34,35,36,37]');", []string{"7 rows of c refer to rows of p that are not there: rowid 31, 32, 33, 34, 35, …"}},
		"no parent":  {"DROP TABLE q;", []string{"1 row of d refers to rows of q that are not there: rowid 20"}},
		"own":        {"BEGIN; DELETE FROM q; COMMIT;", []string{"1 row of d refers"}},
		"mismatch":   {"CREATE TABLE r (a); CREATE TABLE s (a REFERENCES r(a)); INSERT INTO s VALUES (1);", []string{"foreign key mismatch"}},
		"no rowid":   {"CREATE TABLE w (a PRIMARY KEY REFERENCES p) WITHOUT ROWID; INSERT INTO w VALUES (77);", []string{"1 row of w refers to rows of p that are not there"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t)
			f := files{"0001-a.sql": family}
			mustUp(t, path, f)
			f["0002-b.sql"] = c.migration
			report := mustUp(t, path, f)
			if len(report.Findings) != len(c.want) {
				t.Fatalf("findings: %v", report.Findings)
			}
			for i, want := range c.want {
				got := report.Findings[i]
				if got.Code != migration.CodeForeignKey || !strings.Contains(got.Message, want) {
					t.Errorf("finding %q, want %q", got, want)
				}
			}
			version(t, path, 2)

			// Strict, all but a mismatch is an error, and nothing of it stays.
			path = newFile(t)
			mustUp(t, path, files{"0001-a.sql": family})
			_, err := upWith(t.Context(), t, path, f, fastmigrate.Options{Strict: true})
			if c.want == nil || name == "mismatch" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, migration.ErrStrict, "0002-b.sql", c.want[0])
			version(t, path, 1)
			check(t, path, "SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM d), (SELECT count(*) FROM p), (SELECT count(*) FROM q)", "2|1|2|1")
		})
	}
}

// What was wrong before the run is told apart under strict, and a migration
// that names neither table is quiet about it.
func TestForeignKeysOlder(t *testing.T) {
	path := newFile(t)
	f := files{"0001-a.sql": family}
	mustUp(t, path, f)
	do(t, path, "PRAGMA foreign_keys = OFF; DELETE FROM p WHERE id = 1")
	f["0002-b.sql"] = "INSERT INTO q VALUES (5);"
	report, err := upWith(t.Context(), t, path, f, fastmigrate.Options{Strict: true})
	if err != nil || len(report.Findings) != 0 {
		t.Errorf("%v, %v", report.Findings, err)
	}
	f["0003-c.sql"] = "INSERT INTO p VALUES (6);"
	report, err = upWith(t.Context(), t, path, f, fastmigrate.Options{Strict: true})
	if err != nil || len(report.Findings) != 1 || !strings.Contains(report.Findings[0].Message, "(since before this run): rowid 10") {
		t.Errorf("%v, %v", report.Findings, err)
	}
	f["0004-d.sql"] = "DELETE FROM p WHERE id = 2;"
	_, err = upWith(t.Context(), t, path, f, fastmigrate.Options{Strict: true})
	wantError(t, err, migration.ErrStrict, "0004-d.sql", "1 row of c refers to rows of p that are not there: rowid 11")
	version(t, path, 3)
}

// In a group what is found belongs to the last member that names the tables,
// and what a later one mends is not told.
func TestForeignKeysInGroup(t *testing.T) {
	path := newFile(t)
	f := files{
		"0001-a.sql": family, "0002-b.sql": "DELETE FROM p WHERE id = 2;", "0003-c.sql": "DELETE FROM q;", "0004-d.sql": "CREATE TABLE z (x);",
	}
	where := make(map[string]string)
	report, err := upWith(t.Context(), t, path, f, fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
		if a, ok := e.(fastmigrate.Applied); ok {
			for _, finding := range a.Result.Findings {
				where[a.Step.File()] += finding.Message
			}
		}
	}})
	if err != nil || len(report.Findings) != 2 {
		t.Fatalf("%v, %v", report.Findings, err)
	}
	if !strings.HasPrefix(where["0002-b.sql"], "1 row of c") || !strings.HasPrefix(where["0003-c.sql"], "1 row of d") || len(where) != 2 {
		t.Errorf("found: %v", where)
	}
	mend := maps.Clone(f)
	mend["0004-d.sql"] = "DELETE FROM c; DELETE FROM d;"
	path = newFile(t)
	if report := mustUp(t, path, mend); len(report.Findings) != 0 {
		t.Errorf("findings: %v", report.Findings)
	}
}

// A check that can't be made stops nothing.
func TestForeignKeysUncheckable(t *testing.T) {
	for name, text := range map[string]string{
		"wrapped": "CREATE TABLE v (a PRIMARY KEY); CREATE TABLE w (a REFERENCES v); INSERT INTO w VALUES (1); PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE v (a COLLATE nix PRIMARY KEY)' WHERE name = 'v'; PRAGMA writable_schema = RESET;",
		"own":     "BEGIN; CREATE TABLE v (a PRIMARY KEY); CREATE TABLE w (a REFERENCES v); INSERT INTO w VALUES (1); PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE v (a COLLATE nix PRIMARY KEY)' WHERE name = 'v'; PRAGMA writable_schema = RESET; COMMIT;",
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t)
			report := mustUp(t, path, files{"0001-a.sql": text})
			if len(report.Findings) != 1 || !strings.Contains(report.Findings[0].Message, "could not be checked") {
				t.Errorf("findings: %v", report.Findings)
			}
			version(t, path, 1)
		})
	}
}
