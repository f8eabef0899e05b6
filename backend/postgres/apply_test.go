package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
)

func TestApply(t *testing.T) {
	d := managed(t)
	report := d.mustUp(files{
		"0001-a": "CREATE TABLE a (x int); INSERT INTO a VALUES (1), (2)",
		"0002-b": "-- only a comment at the end\nCREATE TABLE b (x text DEFAULT 'é;'); -- the end",
		"0003-c": "-- nothing in it",
		"0004-d": "INSERT INTO a SELECT 3;\nSELECT * FROM a; CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN 1; END$$;",
	})
	if report.End != "4" || len(report.Applied) != 4 {
		t.Errorf("%+v", report)
	}
	d.expect(version, "4")
	d.expect("SELECT count(*), f() FROM a", "3|1")
	d.expect(entries, "0001-a.sql|applied|0 0002-b.sql|applied|0 0003-c.sql|applied|0 0004-d.sql|applied|0")
	d.expect("SELECT count(*) FROM _fastmigrate_history WHERE started_at ~ '^2\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' AND finished_at >= started_at AND length(checksum) = 64 AND tool = 'test'", "4")
	d.expect("SELECT obj_description('_fastmigrate_history'::regclass)", "fastmigrate history, format 1")
	if report := d.mustUp(files{"0004-d": "SELECT 1"}); len(report.Applied) != 0 {
		t.Error("something was applied twice")
	}
}

// An error says where it is, to the character, and what the server said; what
// came before it is there and nothing of the migration is.
func TestErrors(t *testing.T) {
	for name, c := range map[string]struct{ script, at, says, statement string }{
		"column":            {"CREATE TABLE a (x int);\n\nSELECT 'ü', y\nFROM a;", "0002-x.sql:3:13", `column "y" does not exist (SQLSTATE 42703)`, "SELECT 'ü', y"},
		"syntax":            {"CREATE TABLE a (x int);\n  CREATE TABEL b (x int);", "0002-x.sql:2:10", `syntax error at or near "TABEL" (SQLSTATE 42601)`, "CREATE TABEL b (x int);"},
		"second line":       {"CREATE TABLE a (\n  x int,\n  y nix\n);", "0002-x.sql:3:5", `type "nix" does not exist`, "CREATE TABLE a (\ny nix"},
		"without a place":   {"/* ü */ CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\nSELECT 1/(x-1) FROM a;\n", "0002-x.sql:3:1", "division by zero (SQLSTATE 22012)", "SELECT 1/(x-1) FROM a;"},
		"detail":            {"CREATE TABLE a (x int UNIQUE);\nINSERT INTO a VALUES (7), (7);", "0002-x.sql:2:1", "detail: Key (x)=(7) already exists.", "INSERT INTO a VALUES (7), (7);"},
		"inside a function": {"SELECT 1;\nDO $$ BEGIN\n PERFORM nix(); END $$;", "0002-x.sql:2:1", "function nix() does not exist", "DO $$ BEGIN"},
		"last, open":        {"SELECT 1;\nSELECT nix -- here", "0002-x.sql:2:8", `column "nix" does not exist`, "SELECT nix"},
		"at the commit":     {"CREATE TABLE p (x int PRIMARY KEY); CREATE TABLE c (x int REFERENCES p DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (5);", "0002-x.sql", "violates foreign key constraint", ""},
		"CRLF":              {"\uFEFFSELECT 1;\r\n\r\nSELECT nix;\r\n", "0002-x.sql:3:8", `"nix"`, "SELECT nix;"},
	} {
		t.Run(name, func(t *testing.T) {
			d := managed(t)
			_, err := d.up(files{"0001-a": "CREATE TABLE before (x int)", "0002-x": c.script})
			var e *migration.Error
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			if e.Origin.String() != c.at || !strings.Contains(e.Error(), c.says) || e.Statement != c.statement || e.Hint == "" {
				t.Errorf("at %s: %v\nstatement %q, hint %q", e.Origin, e, e.Statement, e.Hint)
			}
			d.expect(version, "1")
			d.expect("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1", "_fastmigrate_history _meta before")
		})
	}
}
