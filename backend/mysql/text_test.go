package mysql_test

import (
	"strings"
	"testing"
)

func replace(text, old, by string) string {
	if !strings.Contains(text, old) {
		panic("nothing to replace: " + old)
	}
	return strings.Replace(text, old, by, 1)
}

// Routines, triggers, delimiters and conditional comments reach the server as
// its own client sends them.
func TestText(t *testing.T) {
	url := managed(t)
	mustUp(t, url, files{"0001-a.sql": `
# a comment ; with a semicolon
CREATE TABLE a (id INT, s VARCHAR(40)) /* ; */ ; -- and another ;
DELIMITER $$
CREATE PROCEDURE fill(n INT)
BEGIN
  DECLARE i INT DEFAULT 0;
  WHILE i < n DO
    INSERT INTO a VALUES (i, 'it''s; "quoted"'); -- $ is not the end
    SET i = i + 1;
  END WHILE;
END$$
CREATE TRIGGER a_i BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.s = concat(NEW.s, '!'); SET NEW.id = NEW.id + 100; END $$
DELIMITER ;
/*!40101 CALL fill(2) */;
/*!99999 CREATE TABLE never (id INT) */;
CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1;
INSERT INTO a VALUES (one(), 'back\'slash; \\'), (3, "double; ""quoted""");
/*M!100100 CREATE SEQUENCE seq START WITH 5 */;
CREATE VIEW v AS SELECT id FROM a;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' DO BEGIN DELETE FROM a; END;
SELECT 1; SHOW TABLES; ANALYZE TABLE a;
INSERT INTO a SELECT nextval(seq), 'seq'
`})
	at(t, url, 1)
	expect(t, url, "SELECT s FROM a ORDER BY id, s", `it's; "quoted"! back'slash; \! it's; "quoted"! double; "quoted"! seq!`)
	expect(t, url, "SELECT count(*) FROM information_schema.events WHERE event_schema = DATABASE()", "1")
}

// Transactions of a script's own stay whole, and are committed with their mark.
func TestOwnTransactions(t *testing.T) {
	url := managed(t)
	script := "CREATE TABLE a (id INT PRIMARY KEY);\nSTART TRANSACTION;\nINSERT INTO a VALUES (1);\nSAVEPOINT s;\nINSERT INTO a VALUES (2);\nROLLBACK TO s;\nCOMMIT;\n" +
		"BEGIN;\nINSERT INTO a VALUES (3);\nINSERT INTO a VALUES (1);\nCOMMIT;\nINSERT INTO a VALUES (5);"
	fails(t, url, files{"0001-a.sql": script}, "0001-a.sql:10:1", "1062", "2 of its 4")
	expect(t, url, "SELECT * FROM a", "1")
	mustUp(t, url, files{
		"0001-a.sql": replace(script, "(1);\nCOMMIT;\nINSERT", "(4);\nCOMMIT;\nINSERT"),
		"0002-b.sql": "BEGIN;\nINSERT INTO a VALUES (6);\nROLLBACK;\nBEGIN WORK;\nINSERT INTO a VALUES (7);\nCOMMIT AND CHAIN;\nINSERT INTO a VALUES (8);\nCOMMIT;",
		"0003-c.sql": "START TRANSACTION;\nINSERT INTO a VALUES (9);\nCREATE TABLE b (id INT);\nINSERT INTO b VALUES (1);\nCOMMIT;",
	})
	at(t, url, 3)
	expect(t, url, "SELECT id FROM a", "1 3 4 5 7 8 9")
	expect(t, url, "SELECT id FROM b", "1")
	expect(t, url, "SELECT name, segments_done FROM _fastmigrate_history", "0001-a.sql|4 0002-b.sql|3 0003-c.sql|4")
}

// What must not be run is refused before anything is.
func TestRefused(t *testing.T) {
	url := managed(t)
	for script, words := range map[string][]string{
		"CREATE TABLE a (id INT);\nCOMMIT;":                             {"0001-a.sql:2:1", "COMMIT without"},
		"CREATE TABLE a (id INT);\n ROLLBACK;":                          {"0001-a.sql:2:2", "ROLLBACK without"},
		"CREATE TABLE a (id INT);\nBEGIN;\nDELETE FROM a;":              {"0001-a.sql:2", "without a COMMIT"},
		"CREATE TABLE a (id INT);\nSET autocommit = 0;\nDELETE FROM a;": {"0001-a.sql:3", "never committed"},
		"BEGIN;\nCREATE TABLE a (id INT);\nDELETE FROM a;\nROLLBACK;":   {"0001-a.sql:4:1", "takes nothing back", "line 2"},
		"CREATE TABLE a (id INT);\nsource other.sql;":                   {"0001-a.sql:2:1", "mysql client"},
		"CREATE TABLE a (id INT);\n\\. other.sql\n;":                    {"0001-a.sql:2:1", "mysql client"},
		"CREATE TABLE a (id INT);\nFLUSH TABLES WITH READ LOCK;":        {"0001-a.sql:2:1", "LOCK TABLES"},
		"CREATE TABLE a (id INT);\nINSERT INTO a VALUES ('x);":          {"0001-a.sql:2:"},
		"CREATE TABLE a (id INT);\nSAVEPOINT x;":                        {"0001-a.sql:2:1", "savepoints"},
		"CREATE TABLE a (id INT);\nDROP TABLE x, `_meta`;":              {"0001-a.sql:2:1", "would remove _meta"},
		"CREATE TABLE a (id INT);\nTRUNCATE _fastmigrate_history;":      {"0001-a.sql:2:1", "would remove _fastmigrate_history"},
		"CREATE TABLE a (id INT);\nRENAME TABLE x TO y, _META TO z;":    {"0001-a.sql:2:1", "would remove _META"},
		"CREATE OR REPLACE TABLE _meta (id INT);":                       {"0001-a.sql:1:1", "would remove _meta"},
		"ALTER TABLE _meta RENAME TO x;":                                {"0001-a.sql:1:1", "would remove _meta"},
		"DROP DATABASE IF EXISTS " + nameOf(url) + ";":                  {"0001-a.sql:1:1", "would remove the database"},
	} {
		fails(t, url, files{"0001-a.sql": script}, words...)
	}
	expect(t, url, "SHOW TABLES", "_fastmigrate_history _fastmigrate_lock _fastmigrate_progress _meta")
}

// nameOf returns the database of a URL.
func nameOf(url string) string { return url[strings.LastIndex(url, "/")+1:] }
