package mysql_test

import (
	"testing"
)

// A script of several definitions and rows is applied and recorded.
func TestApply(t *testing.T) {
	url := managed(t)
	report := mustUp(t, url, files{
		"0001-init.sql": "CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, n INT);\nINSERT INTO a (n) VALUES (1), (2);\nCREATE INDEX an ON a (n);",
		"0002-rows.sql": "INSERT INTO a (n) VALUES (3);\nUPDATE a SET n = n * 10;",
		"0003-odd.sql":  "# only\n-- comments\n",
		"0004-ddl.sql":  "ALTER TABLE a ADD COLUMN s VARCHAR(10) NOT NULL DEFAULT 'it''s';",
	})
	if len(report.Applied) != 4 || len(report.Findings) != 0 {
		t.Errorf("%+v", report)
	}
	at(t, url, 4)
	expect(t, url, "SELECT id, n, s FROM a", "1|10|it's 2|20|it's 3|30|it's")
	expect(t, url, "SELECT name, state, segments_done, error FROM _fastmigrate_history ORDER BY id",
		"0001-init.sql|applied|3| 0002-rows.sql|applied|2| 0003-odd.sql|applied|0| 0004-ddl.sql|applied|1|")
}

// A statement that fails stops the script there; what was done before is known,
// and the next run goes on.
func TestResume(t *testing.T) {
	url := managed(t)
	script := "CREATE TABLE a (id INT PRIMARY KEY);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nCREATE TABLE b (\n  id INT,\n  x INT NOT NUL\n);\nCREATE TABLE c (id INT);\n"
	err := fails(t, url, files{"0001-a.sql": script}, "0001-a.sql:6:", "1064", "42000", "3 of its 5 statements are applied")
	if got := statementOf(err); got != "CREATE TABLE b (\nx INT NOT NUL" {
		t.Errorf("statement %q", got)
	}
	expect(t, url, "SELECT state, segments_done FROM _fastmigrate_history", "failed|3")
	expect(t, url, "SELECT version FROM _meta", "0")
	mended := "-- a comment changes nothing\n" + script[:len("CREATE TABLE a (id INT PRIMARY KEY);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n")] +
		"CREATE TABLE b (id INT);\nCREATE TABLE c (id INT);\n"
	mustUp(t, url, files{"0001-a.sql": mended})
	at(t, url, 1)
	expect(t, url, "SELECT * FROM a", "1 2")
	expect(t, url, "SELECT state, segments_done, error FROM _fastmigrate_history", "applied|5|")
}
