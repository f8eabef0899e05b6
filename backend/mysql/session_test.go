package mysql_test

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// What a script does to its connection is met by its own statements only.
func TestSessionState(t *testing.T) {
	url, other := managed(t), testdb.MySQL(t)
	name := ask(t, other, "SELECT DATABASE()")
	home := ask(t, url, "SELECT DATABASE()")
	mustUp(t, url, files{
		"0001-a.sql": "SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES', @kept = @@time_zone;\n" +
			"CREATE TABLE \"odd;name\" (s VARCHAR(20));\nINSERT INTO \"odd;name\" VALUES ('a\\'), (';');\n" +
			"SET foreign_key_checks = 0, autocommit = 1;\nSET NAMES latin1;\nUSE " + name + ";\nCREATE TABLE there (id INT);\n" +
			"CREATE TEMPORARY TABLE tmp (id INT);\nINSERT INTO tmp VALUES (1);\nINSERT INTO there SELECT id FROM tmp;\n" +
			"USE " + home + ";\nSET @x = 3, sql_select_limit = 1;\nSET SESSION max_statement_time = 100, SESSION lock_wait_timeout = 5;",
		"0002-b.sql": "CREATE TABLE state AS SELECT @@sql_mode LIKE '%ANSI%' AS m, @@foreign_key_checks AS f, @x AS x, @@character_set_client AS c, DATABASE() AS d, 'it\\'s' AS q;",
		"0003-c.sql": "SET @old = @@SQL_MODE, SQL_MODE = 'NO_BACKSLASH_ESCAPES';\nINSERT INTO `odd;name` VALUES ('\\');\n" +
			"SET SQL_MODE = @old;\nINSERT INTO `odd;name` VALUES ('\\';'), (\"x\");",
		"0004-d.sql": "SET autocommit = 0;\nINSERT INTO `odd;name` VALUES ('d1');\nINSERT INTO `odd;name` VALUES ('d2');\nCOMMIT;\nINSERT INTO `odd;name` VALUES ('d3');\nROLLBACK;\nSET autocommit = 1;\n",
		"0005-e.sql": "LOCK TABLES `odd;name` WRITE;\nINSERT INTO `odd;name` VALUES ('e1');\nINSERT INTO `odd;name` VALUES ('e2');\nALTER TABLE `odd;name` ADD COLUMN n INT;\nUNLOCK TABLES;\nINSERT INTO `odd;name` (s) VALUES ('e3');",
		"0006-f.sql": "SET SESSION sql_safe_updates = 1, SESSION tx_isolation = 'SERIALIZABLE';\nINSERT INTO `odd;name` (s) VALUES ('f');",
	})
	at(t, url, 6)
	expect(t, url, "SELECT * FROM state", "0|1||utf8mb4|"+home+"|it's")
	expect(t, url, "SELECT s FROM `odd;name`", `a\ ; \ '; x d1 d2 e1 e2 e3 f`)
	expect(t, other, "SELECT * FROM there", "1")
	expect(t, url, "SELECT DISTINCT state FROM _fastmigrate_history", "applied")
}

// A resumed script finds its connection as it would have been.
func TestSessionIsReplayed(t *testing.T) {
	url, other := managed(t), testdb.MySQL(t)
	name := ask(t, other, "SELECT DATABASE()")
	script := func(last string) files {
		return files{"0001-a.sql": "SET @a = 5, SESSION sql_mode = 'ANSI_QUOTES';\nUSE " + name + ";\nCREATE TABLE t (id INT);\nINSERT INTO t VALUES (1);\n" + last}
	}
	fails(t, url, script("INSERT INTO t VALUES (2, 2);"), "0001-a.sql:5:1", "1136", "4 of its 5 statements are applied")
	mustUp(t, url, script(`INSERT INTO "t" VALUES (@a);`))
	at(t, url, 1)
	expect(t, other, "SELECT id FROM t", "1 5")
}

// A script that is cut off between what it computes and what asks for it is not
// gone on with by guessing.
func TestLostValues(t *testing.T) {
	for name, c := range map[string]struct{ script, why string }{
		"variable":  {"CREATE TABLE a (id INT);\nSELECT count(*) INTO @n FROM a;\nINSERT INTO a VALUES (1);\nBAD;\nINSERT INTO a VALUES (@n);", "@variable"},
		"set":       {"CREATE TABLE a (id INT);\nSET @n = (SELECT count(*) FROM a);\nINSERT INTO a VALUES (1);\nBAD;\nINSERT INTO a VALUES (@n);", "@variable"},
		"inserted":  {"CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, n INT);\nINSERT INTO a VALUES (7, 1);\nBAD;\nINSERT INTO a (n) VALUES (LAST_INSERT_ID());", "what a statement before it did"},
		"identity":  {"CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, n INT);\nINSERT INTO a VALUES (7, 1);\nBAD;\nINSERT INTO a (n) VALUES (@@Identity);", "what a statement before it did"},
		"session":   {"CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, n INT);\nINSERT INTO a VALUES (7, 1);\nBAD;\nINSERT INTO a (n) VALUES (@@session.last_insert_id);", "what a statement before it did"},
		"temporary": {"CREATE TABLE a (id INT);\nCREATE TEMPORARY TABLE tmp (id INT);\nINSERT INTO a VALUES (1);\nBAD;\nINSERT INTO a SELECT id FROM tmp;", "temporary tables that they made are gone"},
	} {
		t.Run(name, func(t *testing.T) {
			url := managed(t)
			fails(t, url, files{"0001-a.sql": c.script}, "0001-a.sql:", "1064")
			before := ask(t, url, "SELECT count(*) FROM a")
			fails(t, url, files{"0001-a.sql": replace(c.script, "BAD;", "DO 0;")}, c.why, "--resume-from", "fastmigrate")
			expect(t, url, "SELECT count(*) FROM a", before)
		})
	}
}
