package sqlite_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// traitWords returns the traits that matter, in words.
func traitWords(t migration.Traits) string {
	var words []string
	for _, w := range []struct {
		is   bool
		word string
	}{
		{t.Wrapped, "wrapped"}, {t.OwnTransaction, "own"}, {t.Outside, "outside"}, {t.SessionState, "session"},
		{t.TemporaryObjects, "temporary"}, {t.Routines, "routines"},
	} {
		if w.is {
			words = append(words, w.word)
		}
	}
	return fmt.Sprintf("%s %d/%d", strings.Join(words, " "), t.Segments, t.Statements)
}

func TestInspect(t *testing.T) {
	b := sqlitefile.Open("nowhere")
	for text, want := range map[string]string{
		"":                               "wrapped 0/0",
		"-- nothing\n/* at all */\n;;\n": "wrapped 0/0",
		"SELECT 1":                       "wrapped 0/1",
		"CREATE TABLE a (x);":            "wrapped 1/1",
		"PRAGMA foreign_keys=off; BEGIN TRANSACTION; CREATE TABLE a (x); COMMIT; PRAGMA foreign_keys=on;": "own outside session 1/5",
		twoAndVacuum:                                  "own outside 3/9",
		"CREATE TABLE a (x); ANALYZE;":                "wrapped 1/2",
		"BEGIN; CREATE TABLE a (x); COMMIT; ANALYZE;": "own 1/4",
		"VACUUM":                               "outside 0/1",
		"VACUUM; CREATE TABLE a (x); VACUUM":   "outside 1/3",
		"BEGIN; CREATE TABLE a (x); ROLLBACK;": "own 0/3",
		"BEGIN; CREATE TABLE a (x); ROLLBACK; CREATE TABLE b (x);":                                                     "own 1/4",
		"BEGIN; SELECT 1; COMMIT; BEGIN; DELETE FROM a; COMMIT; BEGIN; SELECT 1; COMMIT;":                              "own 2/9",
		"SAVEPOINT a; CREATE TABLE a (x); RELEASE a;":                                                                  "wrapped 1/3",
		"SAVEPOINT a; SAVEPOINT b; ROLLBACK TO a; RELEASE SAVEPOINT A;":                                                "wrapped 0/4",
		"BEGIN; SAVEPOINT a; ROLLBACK TRANSACTION TO SAVEPOINT \"a\"; RELEASE a; END;":                                 "own 0/5",
		"BEGIN; SAVEPOINT a; INSERT INTO x VALUES (1); COMMIT;":                                                        "own 1/4", // COMMIT releases all
		"CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = CASE WHEN x THEN 1 ELSE 2 END; DELETE FROM b; END;": "wrapped routines 1/1",
		"CREATE VIRTUAL TABLE f USING fts5(a);":                                                                        "wrapped routines 1/1",
		"-- fastmigrate: no-transaction\nCREATE TABLE a (x); SELECT 1; CREATE TABLE b (x);":                            "outside 2/3",
		"/* fastmigrate: no-transaction */ CREATE TABLE a (x);":                                                        " 1/1",
		"/*\n * Why.\n * fastmigrate: no-transaction\n */\nCREATE TABLE a (x);":                                        " 1/1",
		"CREATE TABLE a (x); -- fastmigrate: no-transaction":                                                           "wrapped 1/1",
		"-- no fastmigrate: no-transaction here\nCREATE TABLE a (x);":                                                  "wrapped 1/1",
		"ATTACH 'x' AS x; CREATE TABLE a AS SELECT * FROM x.t; DETACH x;":                                              "outside session 1/3",
		"CREATE TEMP TABLE a (x); DROP TABLE a;":                                                                       "wrapped session temporary 1/2",
		"CREATE TABLE temp.a (x);":                                                                                     "wrapped session temporary 1/1",
		"CREATE TABLE IF NOT EXISTS [Temp] . a (x);":                                                                   "wrapped session temporary 1/1",
		"PRAGMA user_version = 5;":                                                                                     "wrapped 1/1",
		"PRAGMA main.application_id(5);":                                                                               "wrapped 1/1",
		"PRAGMA user_version;":                                                                                         "wrapped 0/1",
		"PRAGMA legacy_alter_table = ON;":                                                                              "wrapped session 0/1",
		"PRAGMA legacy_alter_table;":                                                                                   "wrapped 0/1",
		"PRAGMA journal_mode = WAL;":                                                                                   "outside session 0/1",
		"PRAGMA \"foreign_keys\" (0);":                                                                                 "outside session 0/1",
		"PRAGMA table_info(a); PRAGMA foreign_key_check(a);":                                                           "wrapped 0/2",
		"WITH a AS (SELECT 1) SELECT * FROM a;":                                                                        "wrapped 0/1",
		"WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a;":                                                          "wrapped 1/1",
		"EXPLAIN DELETE FROM a;":                                                                                       "wrapped 0/1",
		"REPLACE INTO a VALUES ('COMMIT; VACUUM');":                                                                    "wrapped 1/1",
	} {
		traits, err := b.Inspect(t.Context(), script("0001-a.sql", text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := traitWords(traits); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		sum, size, err := migration.Sum(script("", text))
		if err != nil || sum != traits.Checksum || size != traits.Bytes {
			t.Errorf("%q: checksum or size differ from those of migration.Sum", text)
		}
	}
}

func TestInspectRefuses(t *testing.T) {
	b := sqlitefile.Open("nowhere")
	for text, want := range map[string]string{
		"CREATE TABLE a (x);\n  COMMIT;": "0001-a.sql:2:3: COMMIT without a BEGIN",
		"\nEND;":                         "0001-a.sql:2:1: COMMIT without a BEGIN",
		"-- a\nROLLBACK;":                "0001-a.sql:2:1: ROLLBACK without a BEGIN",
		"\n\nBEGIN;\nSELECT 1;":          "0001-a.sql:3: BEGIN without a COMMIT",
		"BEGIN;\nCREATE TABLE a (x);\nBEGIN;\nCOMMIT;": "0001-a.sql:3:1: BEGIN inside the transaction of line 1",
		"SELECT 1;\nSAVEPOINT a;\nSELECT 1;":           "0001-a.sql:2: SAVEPOINT a is never released",
		"SAVEPOINT a;\nBEGIN;":                         "0001-a.sql:2:1: BEGIN inside the SAVEPOINT of line 1",
		"RELEASE a;":                                   "0001-a.sql:1:1: no such savepoint: a",
		"SAVEPOINT a;\nROLLBACK TO b;":                 "0001-a.sql:2:1: no such savepoint: b",
		"SAVEPOINT a; RELEASE a; RELEASE a;":           "0001-a.sql:1:25: no such savepoint: a",
		"SAVEPOINT a;\nROLLBACK;":                      "0001-a.sql:2:1: ROLLBACK without a BEGIN",
		"RELEASE _fastmigrate_member;":                 "no such savepoint",
		"BEGIN; COMMIT;\nCOMMIT;":                      "0001-a.sql:2:1: COMMIT without a BEGIN",
		"SELECT 1;\nSELECT 'oh":                        "0001-a.sql:2:8: ",
		"SELECT \"oh":                                  "0001-a.sql:1:8: ",
		"SELECT 1;\n\x00":                              "0001-a.sql:2:1: contains a NUL byte",
		"SELECT '\n\xff';":                             "0001-a.sql:2:1: is not valid UTF-8",
		"-- fastmigrate: no-transaction\nCOMMIT;":      "0001-a.sql:2:1: COMMIT without a BEGIN",
	} {
		_, err := b.Inspect(t.Context(), script("0001-a.sql", text))
		if !errors.Is(err, migration.ErrRefused) {
			t.Errorf("%q: got %v", text, err)
			continue
		}
		if !strings.Contains(err.Error(), want) || migration.HintOf(err) == "" {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Nothing of a plan with a refused script is run, and all that are refused are
// told.
func TestRefusedScriptsRunNothing(t *testing.T) {
	path := newFile(t)
	_, err := up(t, path, files{"0001-a.sql": "CREATE TABLE a (x)", "0002-b.sql": "COMMIT;", "0003-c.sql": "BEGIN;"})
	wantError(t, err, migration.ErrRefused, "0002-b.sql:1:1: ", "0003-c.sql:1: ")
	version(t, path, 0)
	check(t, path, "SELECT count(*) FROM sqlite_schema WHERE name <> '_meta'", "0")
}

func TestInspectTables(t *testing.T) {
	b := sqlitefile.Open("nowhere")
	for text, want := range map[string]string{
		"CREATE TABLE IF NOT EXISTS main.A (x REFERENCES \"b c\"(y), FOREIGN KEY (x) REFERENCES [D]);": "a b c d main",
		"INSERT OR REPLACE INTO a VALUES ('FROM x');":                                                  "a",
		"UPDATE OR IGNORE a SET x = 1 WHERE y IN (SELECT z FROM b JOIN c);":                            "a b c",
		"DELETE FROM a; DROP TABLE IF EXISTS b; ALTER TABLE c RENAME TO d;":                            "a b c d",
	} {
		traits, err := b.Inspect(t.Context(), script("0001-a.sql", text))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(traits.Tables, " "); got != want || !slices.IsSorted(traits.Tables) {
			t.Errorf("%q: tables %q, want %q", text, got, want)
		}
	}
}

// A script of any size is applied while nobody holds it in memory; here it is
// long enough for several buffers, and fails on its last line.
func TestLongScript(t *testing.T) {
	path := newFile(t)
	text := "CREATE TABLE log (n);\n" + strings.Repeat("INSERT INTO log VALUES ('ü;é''');\n", 10_000)
	_, err := up(t, path, files{"0001-a.sql": text + "INSERT INTO nix VALUES (1);"})
	wantError(t, err, nil, "0001-a.sql:10002:13: no such table: nix")
	check(t, path, "SELECT count(*) FROM sqlite_schema WHERE name = 'log'", "0")
	mustUp(t, path, files{"0001-a.sql": text})
	check(t, path, "SELECT count(*), min(n), max(n) FROM log", "10000|ü;é'|ü;é'")
}
