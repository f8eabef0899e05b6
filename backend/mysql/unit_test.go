package mysql

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// What a statement is, by its words.
func TestClassify(t *testing.T) {
	for text, want := range map[string]class{
		"insert into a values (1)": data, "(SELECT 1)": data, "WITH x AS (SELECT 1) SELECT 1": data, "LOAD DATA INFILE 'x' INTO TABLE a": data,
		"SET @a = 1": sets, "SET autocommit = 0": setsAlone, "SET SESSION TRANSACTION READ ONLY": setsAlone, "SET PASSWORD = 'x'": repeats, "SET STATEMENT max_statement_time = 1 FOR DELETE FROM a": opaque,
		"/*!40101 SET NAMES utf8 */": sets, "USE x": sets, "CREATE TEMPORARY TABLE a (id INT)": sets, "DROP TEMPORARY TABLE a": query,
		"CREATE TEMPORARY SEQUENCE s": repeats, "LOAD INDEX INTO CACHE a": repeats, "ANALYZE LOCAL TABLE a": repeats, "ANALYZE FORMAT=JSON UPDATE a SET x = x + 1": data,
		"SET SESSION sql_log_bin = 0": setsAlone, "SET @sql_log_bin = 0": sets, "SET GLOBAL sql_log_bin = 0": sets,
		"CREATE OR REPLACE VIEW a AS SELECT 1": defines, "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @x = 1 */": defines,
		"CREATE USER u": repeats, "GRANT ALL ON a.* TO u": repeats, "ALTER TABLE a DISABLE KEYS": repeats, "/*!40000 ALTER TABLE `a` ENABLE KEYS */": repeats,
		"RENAME TABLE a TO b": defines, "RENAME USER a TO b": repeats, "TRUNCATE a": defines, "TRUNCATE TABLE a": defines,
		"CALL p()": opaque, "BEGIN NOT ATOMIC SELECT 1; END": opaque, "BEGIN": begins, "START TRANSACTION READ ONLY": begins, "START SLAVE": opaque,
		"COMMIT AND NO CHAIN": commits, "ROLLBACK TO SAVEPOINT x": savesPoint, "ROLLBACK": rollsBack, "LOCK TABLES a READ": locks, "UNLOCK TABLES": unlocks,
		"FLUSH TABLES": repeats, "FLUSH TABLES a WITH READ LOCK": refuses, "SHOW TABLES": query, "ANALYZE TABLE a": repeats,
	} {
		if got := classify([]byte(text)).class; got != want {
			t.Errorf("%s: %d, not %d", text, got, want)
		}
	}
}

// What a definition is about.
func TestDefinition(t *testing.T) {
	for text, want := range map[string][]object{
		"CREATE TABLE IF NOT EXISTS `d`.`a b` (id INT)":                  {{"TABLE", "d", "a b"}},
		"CREATE DEFINER = root@localhost PROCEDURE p() SELECT 1":         {{"PROCEDURE", "", "p"}},
		"CREATE ALGORITHM=MERGE SQL SECURITY DEFINER VIEW v AS SELECT 1": {{"VIEW", "", "v"}},
		"CREATE UNIQUE INDEX i USING BTREE ON d.a (x)":                   {{"TABLE", "d", "a"}},
		"DROP INDEX i ON a":                      {{"TABLE", "", "a"}},
		"DROP TABLE IF EXISTS a, d.b, c CASCADE": {{"TABLE", "", "a"}, {"TABLE", "d", "b"}, {"TABLE", "", "c"}},
		"RENAME TABLE a TO b, d.x TO d.y":        {{"TABLE", "", "a"}, {"TABLE", "", "b"}, {"TABLE", "d", "x"}, {"TABLE", "d", "y"}},
		"ALTER ONLINE TABLE a ADD x INT":         {{"TABLE", "", "a"}},
		"DROP SCHEMA d":                          {{"DATABASE", "", "d"}},
	} {
		got := classify([]byte(text)).definition.objects
		if len(got) != len(want) {
			t.Errorf("%s: %v", text, got)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, not %v", text, got, want)
			}
		}
	}
}

// sql_mode is followed by the text of the script.
func TestModes(t *testing.T) {
	m := newModes(0)
	for _, step := range []struct {
		text string
		want mode
	}{
		{"SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ANSI'", sqlscan.ANSIQuotes},
		{"SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'", sqlscan.NoBackslashEscapes},
		{"SET GLOBAL sql_mode = 'ANSI_QUOTES'", sqlscan.NoBackslashEscapes},
		{"SET @@session.sql_mode := ANSI_QUOTES", sqlscan.ANSIQuotes},
		{"SET sql_mode = @OLD_SQL_MODE", 0},
		{"SET @@sql_mode = 'ANSI_QUOTES', @x = 1", sqlscan.ANSIQuotes},
		{"SET sql_mode = DEFAULT", 0},
	} {
		m.set([]byte(step.text))
		if m.now != step.want {
			t.Errorf("%s: %d, not %d", step.text, m.now, step.want)
		}
	}
}

// Values are written so that no sql_mode and no character set changes them.
func TestLiteral(t *testing.T) {
	if got := filled("a = ? AND b = ? AND c = ?", "it's", int64(-3), ""); got != "a = _utf8mb4 x'69742773' AND b = -3 AND c = _utf8mb4 x''" {
		t.Error(got)
	}
}
