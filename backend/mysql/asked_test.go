package mysql_test

import (
	"errors"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

// A part that is applied and was edited afterwards is refused, with the choice.
func TestChanged(t *testing.T) {
	url := managed(t)
	script := "CREATE TABLE a (id INT);\nCREATE TABLE b (id INT);\nINSERT INTO a VALUES (1);\nBAD;\nINSERT INTO b VALUES (1);"
	fails(t, url, files{"0001-a.sql": script}, "3 of its 5")
	edited := files{"0001-a.sql": replace(replace(script, "BAD;", "DO 0;"), "b (id INT)", "b (id BIGINT)")}
	err := fails(t, url, edited, "0001-a.sql:2", "statement 2", "restore", "fastmigrate up --resume-from 4", "fastmigrate mark 1")
	if !errors.Is(err, migration.ErrChanged) {
		t.Error(err)
	}
	fails(t, url, files{"0001-a.sql": replace(replace(script, "BAD;", "DO 0;"), "(1);\nDO", "(2);\nDO")}, "3 statements")
	// What a person says stays said, also where the rest fails.
	worse := files{"0001-a.sql": replace(edited["0001-a.sql"], "INTO b VALUES (1)", "INTO b VALUES (1, 2)")}
	_, err = to(t.Context(), t, url, worse, plan.Goal{ResumeFrom: 5}, fastmigrate.Options{})
	mention(t, err, "0001-a.sql:5:", "4 of its 5")
	if _, err := up(t, url, edited); err != nil {
		t.Fatal(err)
	}
	at(t, url, 1)
	expect(t, url, "SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)", "1|1")
}

// What a statement did that was begun and is not known to have ended is found
// out, or asked.
func TestBegun(t *testing.T) {
	const before = "CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY kn (n)); CREATE TABLE b (id INT); INSERT INTO a VALUES (1, 1);" +
		"CREATE PROCEDURE p() INSERT INTO b VALUES (1); CREATE VIEW v AS SELECT 1 AS one;"
	const (
		works = "works" // the next run finishes
		asks  = "asks"
		fail  = "fails" // a failure of the statement's own
	)
	for name, c := range map[string]struct{ statement, meanwhile, want string }{
		"create, nothing came of it":  {"CREATE TABLE c (id INT)", "", works},
		"create, done":                {"CREATE TABLE c (id INT)", "CREATE TABLE c (id INT)", works},
		"create, there before":        {"CREATE TABLE b (id INT)", "", fail},
		"create if not exists":        {"CREATE TABLE IF NOT EXISTS c (id INT)", "CREATE TABLE c (id INT)", works},
		"create from a query, done":   {"CREATE TABLE c AS SELECT * FROM a", "CREATE TABLE c AS SELECT * FROM a", asks},
		"create or replace, done":     {"CREATE OR REPLACE TABLE b (x INT)", "CREATE OR REPLACE TABLE b (x INT)", asks},
		"view, done":                  {"CREATE VIEW w AS SELECT 2 AS two", "CREATE VIEW w AS SELECT 2 AS two", works},
		"replace view":                {"CREATE OR REPLACE VIEW v AS SELECT 2 AS two", "CREATE OR REPLACE VIEW v AS SELECT 2 AS two", works},
		"procedure, done":             {"CREATE PROCEDURE q() SELECT 1", "CREATE PROCEDURE q() SELECT 1", works},
		"trigger, done":               {"CREATE TRIGGER tr BEFORE INSERT ON b FOR EACH ROW SET NEW.id = 1", "CREATE TRIGGER tr BEFORE INSERT ON b FOR EACH ROW SET NEW.id = 1", works},
		"event, done":                 {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM b", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM b", works},
		"index, done":                 {"CREATE INDEX x ON a (n, id)", "CREATE INDEX x ON a (n, id)", works},
		"add column, done":            {"ALTER TABLE a ADD COLUMN x INT", "ALTER TABLE a ADD x INT", works},
		"add column, not done":        {"ALTER TABLE a ADD COLUMN x INT", "", works},
		"add column, there before":    {"ALTER TABLE a ADD n INT", "", fail},
		"add column, another change":  {"ALTER TABLE a ADD COLUMN x INT", "ALTER TABLE a COMMENT = 'x'", asks},
		"rows meanwhile":              {"ALTER TABLE a ADD COLUMN x INT", "INSERT INTO a VALUES (5, 5)", works},
		"several changes, done":       {"ALTER TABLE a ADD COLUMN x INT, DROP KEY kn, DROP PRIMARY KEY, ADD CONSTRAINT c CHECK (x > 0)", "ALTER TABLE a ADD COLUMN x INT, DROP KEY kn, DROP PRIMARY KEY, ADD CONSTRAINT c CHECK (x > 0)", works},
		"several changes, half":       {"ALTER TABLE a ADD COLUMN x INT, DROP KEY kn", "ALTER TABLE a ADD COLUMN x INT", asks},
		"unnamed index, done":         {"ALTER TABLE a ADD INDEX (n, id)", "ALTER TABLE a ADD INDEX (n, id)", asks},
		"unnamed index, not done":     {"ALTER TABLE a ADD INDEX (n, id)", "", works},
		"modify, done":                {"ALTER TABLE a MODIFY n BIGINT", "ALTER TABLE a MODIFY n BIGINT", asks},
		"modify, not done":            {"ALTER TABLE a MODIFY n BIGINT", "", works},
		"rename to, done":             {"ALTER TABLE a RENAME TO z", "ALTER TABLE a RENAME TO z", asks},
		"drop, done":                  {"DROP TABLE b", "DROP TABLE b", works},
		"drop, not done":              {"DROP TABLE b", "", works},
		"drop, not there before":      {"DROP TABLE c", "", fail},
		"drop several, done":          {"DROP TABLE a, b", "DROP TABLE a, b", works},
		"drop several, half":          {"DROP TABLE a, b", "DROP TABLE a", asks},
		"drop several if there, half": {"DROP TABLE IF EXISTS a, b", "DROP TABLE a", works},
		"drop view":                   {"DROP VIEW v", "DROP VIEW v", works},
		"rename, done":                {"RENAME TABLE a TO z", "RENAME TABLE a TO z", works},
		"rename several, half":        {"RENAME TABLE a TO z, b TO y", "RENAME TABLE a TO z", asks},
		"rename in turn":              {"RENAME TABLE a TO z, b TO a, z TO b", "RENAME TABLE a TO z, b TO a, z TO b", asks},
		"truncate":                    {"TRUNCATE TABLE a", "", asks},
		"truncate, done":              {"TRUNCATE a", "TRUNCATE a", works},
		"call":                        {"CALL p()", "CALL p()", asks},
		"grant":                       {"ANALYZE TABLE a", "ANALYZE TABLE a", works},
		"revoke what is not there":    {"DROP USER nobody_at_all", "", asks},
	} {
		t.Run(name, func(t *testing.T) {
			url := managed(t)
			script := func(first string) files {
				return files{"0001-a.sql": "CREATE TABLE first (id INT);\n" + first + ";\n" + c.statement + ";\nINSERT INTO first VALUES (1);"}
			}
			do(t, url, before)
			runUntil(t, url, script("SET @x = 1"), c.statement)
			if c.meanwhile != "" {
				do(t, url, c.meanwhile)
			}
			report, err := up(t, url, script("SET @x = 1"))
			switch {
			case c.want == works:
				if err != nil {
					t.Fatal(err, migration.HintOf(err))
				}
				at(t, url, 1)
				for _, f := range report.Findings {
					t.Log(f)
				}
				return
			case errors.Is(err, migration.ErrUnfinished) != (c.want == asks):
				t.Fatal(err)
			case c.want == fail:
				mention(t, err, "0001-a.sql:3:")
				return
			}
			mention(t, err, "0001-a.sql:3:", "fastmigrate up --retry 1", "fastmigrate up --resume-from 4")
			// It stays asked, until a person says.
			fails(t, url, script("SET @x = 1"), "--resume-from 4")
			if _, err := to(t.Context(), t, url, script("SET @x = 1"), plan.Goal{ResumeFrom: 4}, fastmigrate.Options{}); err != nil {
				t.Fatal(err, migration.HintOf(err))
			}
			at(t, url, 1)
			expect(t, url, "SELECT * FROM first", "1")
		})
	}
}
