package sqlite_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
)

// The place and the text of an error are the same with both drivers, but
// for a file that can't be opened, to which one adds the system's words.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ text, want, statement string }{
		{"SELECT 1;\nCREATE TABEL a (x);", `0001-a.sql:2:8: near "TABEL": syntax error`, "CREATE TABEL a (x);"},
		{"CREATE TABLE a (\n  x,\n  y,\n);", `0001-a.sql:4:1: near ")": syntax error`, "CREATE TABLE a (\n);"},
		{"SELECT (1), (2), (3 4);", `0001-a.sql:1:21: near "4": syntax error`, ""},
		{"SELECT x FROM t WHERE x FROM x;", `0001-a.sql:1:25: near "FROM": syntax error`, ""},
		{"SELECT ',', 1 ,, 2;", `0001-a.sql:1:16: near ",": syntax error`, ""},
		{"SELECT 'ü', üü üü üü;", `0001-a.sql:1:19: near "üü": syntax error`, ""},
		{"SELECT 1", "", ""},
		{"INSERT INTO", "0001-a.sql:1:1: incomplete input", "INSERT INTO"},
		{"SELECT * FROM _meta,\n   nix;", "0001-a.sql:2:4: no such table: nix", "SELECT * FROM _meta,\nnix;"},
		{"SELECT *\nFROM main.nix;", "0001-a.sql:2:11: no such table: main.nix", "SELECT *\nFROM main.nix;"},
		{"SELECT id, \"version\", m.nix FROM _meta AS m;", "0001-a.sql:1:25: no such column: m.nix", ""},
		{"SELECT 'nix', nix;", "0001-a.sql:1:15: no such column: nix", ""},
		{"SELECT * FROM 'nix';", "0001-a.sql:1:15: no such table: nix", ""},
		{"UPDATE _meta SET nix = 1;", "0001-a.sql:1:18: no such column: nix", ""},
		{"SELECT\n nix(1);", "0001-a.sql:2:2: no such function: nix", "SELECT\nnix(1);"},
		{"CREATE TABLE a (x, y, X);", "0001-a.sql:1:23: duplicate column name: X", ""},
		{"CREATE TABLE _meta (x);", "0001-a.sql:1:14: table _meta already exists", ""},
		{"DROP TABLE nix;", "0001-a.sql:1:12: no such table: nix", ""},
		{"DROP INDEX nix;", "0001-a.sql:1:12: no such index: nix", ""},
		{"CREATE TABLE a (x NOT NULL, CHECK (x > 0));\nINSERT INTO a VALUES (1),\n (NULL);", "0001-a.sql:2:1: NOT NULL constraint failed: a.x", "INSERT INTO a VALUES (1),"},
		{"CREATE TABLE a (x CONSTRAINT positive CHECK (x > 0));\n  INSERT INTO a VALUES (-1);", "0001-a.sql:2:3: CHECK constraint failed: positive", "INSERT INTO a VALUES (-1);"},
		{"CREATE TABLE a (x PRIMARY KEY);\nINSERT INTO a VALUES (1), (1);", "0001-a.sql:2:1: UNIQUE constraint failed: a.x", ""},
		{"CREATE TABLE a (x INTEGER PRIMARY KEY);\nINSERT INTO a VALUES ('no');", "0001-a.sql:2:1: datatype mismatch", ""},
		{"CREATE TABLE a (x INT) STRICT;\nINSERT INTO a VALUES ('no');", "0001-a.sql:2:1: cannot store TEXT value in INT column a.x", ""},
		{"SELECT 'a;\n\n b", "0001-a.sql:1:8: ", ""},
		{"SELECT 1; SELECT #;", `0001-a.sql:1:18: unrecognized token: "#"`, ""},
		{"CREATE TABLE a (x);\r\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\r\n  SELECT 1;\r\n  SELEC 2;\r\nEND;", `0001-a.sql:4:3: near "SELEC": syntax error`, "CREATE TRIGGER t AFTER INSERT ON a BEGIN\nSELEC 2;"},
		{"CREATE TABLE a (x);\nCREATE TRIGGER t BEFORE INSERT ON a BEGIN SELECT RAISE(ABORT, 'one\ntwo: 3 (4)'); END;\nINSERT INTO a VALUES (1);", "0001-a.sql:4:1: one\ntwo: 3 (4)", ""},
		{"\uFEFFSELEC 1;", `0001-a.sql:1:1: near "SELEC": syntax error`, ""},
		{"BEGIN;\nCREATE TABLE a (x);\nSELEC 1;\nCOMMIT;", `0001-a.sql:3:1: near "SELEC": syntax error`, "SELEC 1;"},
		{"ATTACH '/nowhere/at/all' AS x;", "0001-a.sql:1:1: unable to open database: ", ""},
		{"DETACH x;", "0001-a.sql:1:1: no such database: x", ""},
	} {
		path := newFile(t)
		_, err := up(t, path, files{"0001-a.sql": c.text})
		if c.want == "" {
			if err != nil {
				t.Errorf("%q: %v", c.text, err)
			}
			continue
		}
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || !strings.HasSuffix(c.want, ": ") && err.Error() != c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
			continue
		}
		var e *migration.Error
		if errors.As(err, &e); c.statement != "" && e.Statement != c.statement {
			t.Errorf("%q: statement %q, want %q", c.text, e.Statement, c.statement)
		}
		version(t, path, 0)
	}
}

// Finding the place of a syntax error takes no longer in a large statement with
// thousands of tokens that look like the one at fault.
func TestPlaceInLargeStatement(t *testing.T) {
	path := newFile(t)
	rows := strings.Repeat("(1, 2, 3),\n", 5_000)
	_, err := up(t, path, files{"0001-a.sql": "CREATE TABLE a (x, y, z);\nINSERT INTO a VALUES\n" + rows + "(1,, 2),\n" + rows + "(1, 2, 3);"})
	wantError(t, err, nil, `0001-a.sql:5003:4: near ",": syntax error`)
}
