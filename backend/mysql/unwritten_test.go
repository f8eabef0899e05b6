package mysql_test

import (
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// A statement that ran, and whose mark the server would not write, is not run
// again by itself.
func TestMarkIsRefused(t *testing.T) {
	for name, rest := range map[string]string{"the last": "", "the first of two": "\nDO 1;"} {
		t.Run(name, func(t *testing.T) {
			url := managed(t)
			mustUp(t, url, files{"0001-a.sql": "CREATE TABLE c (id INT);\nCREATE PROCEDURE p() INSERT INTO c VALUES (1);"})
			do(t, url, "CREATE TRIGGER no BEFORE UPDATE ON _fastmigrate_history FOR EACH ROW IF NEW.segments_done > 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no marks today'; END IF")
			second := files{"0002-b.sql": "CALL p();" + rest}
			err := fails(t, url, second, "no marks today")
			mention(t, err, "0002-b.sql")
			if hint := migration.HintOf(err); hint != "it is not known whether the statement took effect; that is looked into when you run again" {
				t.Errorf("hint %q", hint)
			}
			do(t, url, "DROP TRIGGER no")
			fails(t, url, second, "statement 1", "--resume-from 2")
			expect(t, url, "SELECT count(*) FROM c", "1")
			if _, err := to(t.Context(), t, url, second, plan.Goal{ResumeFrom: 2}, fastmigrate.Options{}); err != nil {
				t.Fatal(err)
			}
			at(t, url, 2)
			expect(t, url, "SELECT count(*) FROM c", "1")
		})
	}
}

// Statements that the server takes outside of transactions only, or for which it
// ends one, stand between rows as anything else does.
func TestBetweenRows(t *testing.T) {
	url := managed(t)
	mustUp(t, url, files{
		"0001-a.sql": "CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\nSET @old = @@SESSION.sql_log_bin;\nSET SESSION sql_log_bin = 0;\n" +
			"INSERT INTO a VALUES (2);\nSET @@SESSION.SQL_LOG_BIN = @old;\nSET @@tx_isolation = 'READ-COMMITTED';\nINSERT INTO a VALUES (3);",
		"0002-b.sql": "INSERT INTO a VALUES (4);\nSTART TRANSACTION READ ONLY;\nSELECT * FROM a;\nCOMMIT AND CHAIN;\nSELECT * FROM a;\nCOMMIT;\nINSERT INTO a VALUES (5);\nBEGIN;\nINSERT INTO a VALUES (6);\nCOMMIT;",
	})
	at(t, url, 2)
	expect(t, url, "SELECT id FROM a", "1 2 3 4 5 6")
	script := "INSERT INTO a VALUES (7);\nCREATE TEMPORARY SEQUENCE s;\nINSERT INTO a VALUES (8);\nINSERT INTO nowhere VALUES (1);"
	fails(t, url, files{"0003-c.sql": script}, "3 of its 4")
	fails(t, url, files{"0003-c.sql": replace(script, "nowhere", "a")}, "temporary")
	expect(t, url, "SELECT id FROM a WHERE id > 6", "7 8")
}

// What a person says goes on behind temporary tables that the script drops
// again.
func TestTemporaryIsDropped(t *testing.T) {
	url := managed(t)
	script := "CREATE TABLE a (id INT);\nCREATE TEMPORARY TABLE x (id INT);\nINSERT INTO a VALUES (1);\nDROP TEMPORARY TABLE x;\nINSERT INTO nowhere VALUES (2);"
	fails(t, url, files{"0001-a.sql": script}, "4 of its 5")
	mended := files{"0001-a.sql": replace(script, "nowhere", "a")}
	fails(t, url, mended, "temporary", "--resume-from 5")
	if _, err := to(t.Context(), t, url, mended, plan.Goal{ResumeFrom: 5}, fastmigrate.Options{}); err != nil {
		t.Fatal(err)
	}
	at(t, url, 1)
	expect(t, url, "SELECT id FROM a", "1 2")
}

// A local file that the driver must not read, or that is not there, is said to
// be the reason, and not the connection.
func TestLocalFile(t *testing.T) {
	url := managed(t)
	script := files{"0001-a.sql": "CREATE TABLE a (id INT);\nLOAD DATA LOCAL INFILE '/nowhere/to be found' INTO TABLE a;\nINSERT INTO a VALUES (1);"}
	for parameters, words := range map[string][]string{
		"":                    {"0001-a.sql:2:1", "is not registered", "allowAllFiles=true"},
		"?allowAllFiles=true": {"0001-a.sql:2:1", "no such file", "1 of its 3"},
	} {
		err := fails(t, url+parameters, script, words...)
		if strings.Contains(err.Error(), "connection") {
			t.Error(err)
		}
	}
}

// A prepared statement of a table that is gone by now keeps nobody from going on.
func TestPreparedIsReplayed(t *testing.T) {
	url := managed(t)
	script := "CREATE TABLE a (id INT);\nCREATE TABLE b (id INT);\nPREPARE x FROM 'INSERT INTO a VALUES (1)';\nEXECUTE x;\nDEALLOCATE PREPARE x;\n" +
		"PREPARE y FROM 'INSERT INTO b VALUES (2)';\nDROP TABLE a;\nINSERT INTO nowhere VALUES (1);\nEXECUTE y;"
	fails(t, url, files{"0001-a.sql": script}, "7 of its 9")
	mustUp(t, url, files{"0001-a.sql": replace(script, "nowhere", "b")})
	at(t, url, 1)
	expect(t, url, "SELECT id FROM b", "1 2")
}
