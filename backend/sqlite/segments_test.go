package sqlite_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

const progressQuery = "SELECT state, segments_done, error <> '' FROM _fastmigrate_history ORDER BY id"

// The form that SQLite's own documentation gives for rebuilding a table does
// what its author meant, and is recorded in its own COMMIT.
func TestRebuild(t *testing.T) {
	path := newFile(t)
	f := files{
		"0001-a.sql": "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1);",
		"0002-b.sql": "PRAGMA foreign_keys=off;\nBEGIN TRANSACTION;\nCREATE TABLE new_p (id INTEGER PRIMARY KEY, x);\nINSERT INTO new_p (id) SELECT id FROM p;\nDROP TABLE p;\nALTER TABLE new_p RENAME TO p;\nPRAGMA foreign_key_check;\nCOMMIT;\nPRAGMA foreign_keys=on;\n",
		"0003-c.sql": "INSERT INTO p (id) VALUES (2);",
	}
	report := mustUp(t, path, f)
	if len(report.Findings) != 0 {
		t.Errorf("findings: %v", report.Findings)
	}
	check(t, path, "SELECT count(*) FROM c", "1")
	check(t, path, "SELECT id, x FROM p", "1| 2|")
	check(t, path, progressQuery, "applied|1|0 applied|1|0 applied|1|0")
	version(t, path, 3)
}

const twoAndVacuum = `CREATE TABLE log (n);
BEGIN;
INSERT INTO log VALUES (1);
COMMIT;
BEGIN IMMEDIATE;
INSERT INTO log VALUES (2);
END TRANSACTION;
VACUUM;
ANALYZE;
`

func TestTwoTransactionsAndVacuum(t *testing.T) {
	path := newFile(t)
	mustUp(t, path, files{"0001-a.sql": twoAndVacuum})
	check(t, path, "SELECT n FROM log", "1 2")
	check(t, path, progressQuery, "applied|3|0")
	version(t, path, 1)
}

// A script that fails between two commits has its progress recorded, and goes
// on from there once it is mended behind it.
func TestResume(t *testing.T) {
	path := newFile(t)
	broken := strings.Replace(twoAndVacuum, "(2)", "(2) OH", 1)
	for range 2 { // the same failure twice changes nothing
		report, err := up(t, path, files{"0001-a.sql": broken, "0002-b.sql": mended})
		wantError(t, err, nil, `0001-a.sql:6:28: near "OH"`, "2 of its 3 commits are applied")
		if len(report.Applied) != 0 || report.Failed == nil || report.End != "0" {
			t.Errorf("report: %+v", report)
		}
		version(t, path, 0)
		check(t, path, progressQuery, "failed|2|1")
		check(t, path, "SELECT n FROM log", "1")
	}
	// The part that is applied must not be edited.
	_, err := up(t, path, files{"0001-a.sql": strings.Replace(twoAndVacuum, "(1)", "(11)", 1)})
	wantError(t, err, migration.ErrChanged, "first 2 commits are applied", "mark 1")
	// Nor the file be another one altogether, be it one that is wrapped.
	_, err = up(t, path, files{"0001-a.sql": "CREATE TABLE other (x);"})
	wantError(t, err, migration.ErrChanged, "first 2 commits are applied")
	_, err = up(t, path, files{"0001-a.sql": ""})
	wantError(t, err, migration.ErrChanged)
	// Nor be gone, nor be a program now.
	_, err = up(t, path, files{"0002-b.sql": mended})
	wantError(t, err, migration.ErrUnfinished, "mark 1")
	_, err = up(t, path, files{"0001-a.sh": "exit 0"})
	wantError(t, err, migration.ErrUnfinished)
	check(t, path, "SELECT n FROM log", "1")
	version(t, path, 0)

	// CRLF is no edit, and what comes behind may be mended at will.
	f := files{"0001-a.sql": strings.ReplaceAll(strings.Replace(twoAndVacuum, "(2)", "(22), (23)", 1), "\n", "\r\n"), "0002-b.sql": mended}
	mustUp(t, path, f)
	check(t, path, "SELECT n FROM log", "1 22 23 3")
	check(t, path, progressQuery, "applied|3|0 applied|1|0")
	version(t, path, 2)
	check(t, path, "SELECT count(*) FROM _fastmigrate_history WHERE finished_at = '' OR error <> ''", "0")
}

// What is left of a script after it was mended may be nothing, or nothing that
// changes anything.
func TestResumeWithNothingLeft(t *testing.T) {
	begun := "BEGIN;\nCREATE TABLE log (n);\nCOMMIT;\n"
	for name, rest := range map[string]string{
		"nothing": "", "a comment": "-- done", "a question": "BEGIN;\nSELECT 1;\nCOMMIT;\n", "a vacuum": "VACUUM;",
		"a rollback": "BEGIN; INSERT INTO log VALUES (9); ROLLBACK;", "a question of ours": "SELECT 2;",
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t)
			_, err := up(t, path, files{"0001-a.sql": begun + "BEGIN; INSERT INTO nix VALUES (1); COMMIT;"})
			wantError(t, err, nil, "no such table: nix")
			mustUp(t, path, files{"0001-a.sql": begun + rest})
			version(t, path, 1)
			check(t, path, "SELECT count(*) FROM log", "0")
			mustUp(t, path, files{"0001-a.sql": begun + rest})
		})
	}
}

// Settings that a script makes before the part at which it goes on are made
// again then.
func TestResumeSaysSettingsAgain(t *testing.T) {
	path := newFile(t)
	text := `PRAGMA foreign_keys = ON;
ATTACH ':memory:' AS side;
BEGIN;
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE c (p REFERENCES p ON DELETE CASCADE);
INSERT INTO p VALUES (1);
INSERT INTO c VALUES (1);
COMMIT;
BEGIN;
CREATE TABLE side.x (a);
DELETE FROM p;
FAIL;
COMMIT;`
	_, err := up(t, path, files{"0001-a.sql": text})
	wantError(t, err, nil, `0001-a.sql:12:1: near "FAIL"`)
	check(t, path, "SELECT count(*) FROM c", "1")
	mustUp(t, path, files{"0001-a.sql": strings.Replace(text, "FAIL;", "", 1)})
	check(t, path, "SELECT count(*) FROM c", "0") // the cascade needs foreign keys on
}

// Temporary tables that were made before are gone, and can't be made again.
func TestResumeWithoutTemporaryTables(t *testing.T) {
	path := newFile(t)
	text := "BEGIN; CREATE TEMP TABLE x AS SELECT 5 AS n; CREATE TABLE y (n); COMMIT;\nBEGIN; INSERT INTO y SELECT n FROM x; FAIL; COMMIT;"
	_, err := up(t, path, files{"0001-a.sql": text})
	wantError(t, err, nil, `near "FAIL"`)
	_, err = up(t, path, files{"0001-a.sql": strings.Replace(text, "FAIL;", "", 1)})
	wantError(t, err, migration.ErrUnfinished, "temporary", "mark 1")
	version(t, path, 0)
	m, err := fastmigrate.New(sqlitefile.Open(path), files{"0001-a.sql": text}.source(), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Mark(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	mustUp(t, path, files{"0001-a.sql": text})
	version(t, path, 1)
}

// What trails after the last commit fails as such: the migration is applied.
func TestTrailingFailure(t *testing.T) {
	for name, trail := range map[string]string{
		"vacuum":  "VACUUM INTO '/nowhere/at/all';",
		"select":  "SELECT * FROM nix;",
		"pragma":  "PRAGMA foreign_keys = ON; SELECT nix;",
		"own":     "BEGIN; SELECT nix; COMMIT;",
		"analyze": "ANALYZE nix;",
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t)
			f := files{"0001-a.sql": "BEGIN;\nCREATE TABLE log (n);\nCOMMIT;\n" + trail, "0002-b.sql": mended}
			report := mustUp(t, path, f)
			if codes(report.Findings) != "trailing" || !strings.Contains(report.Findings[0].String(), "0001-a.sql:4:") {
				t.Errorf("findings: %v", report.Findings)
			}
			version(t, path, 2)
			check(t, path, progressQuery, "applied|1|0 applied|1|0")
			check(t, path, "SELECT n FROM log", "3")
		})
	}
}

// A script that is only VACUUM has no commit of its own, and one that fails is
// not recorded.
func TestOnlyVacuum(t *testing.T) {
	path := newFile(t)
	_, err := up(t, path, files{"0001-a.sql": "VACUUM;\nVACUUM INTO '/nowhere/at/all';"})
	wantError(t, err, nil, "0001-a.sql:2:1: ")
	version(t, path, 0)
	mustUp(t, path, files{"0001-a.sql": "VACUUM;"})
	version(t, path, 1)
}

// The text that is executed has to be the text that was inspected.
func TestChangedUnderneath(t *testing.T) {
	path := newFile(t)
	b := sqlitefile.Open(path)
	defer b.Close()
	for name, texts := range map[string][2]string{
		"wrapped":      {"CREATE TABLE a (x);", "CREATE TABLE a (x, y);"},
		"longer":       {"CREATE TABLE a (x);", "CREATE TABLE a (x); CREATE TABLE b (x);"},
		"own now":      {"CREATE TABLE a (x);", "BEGIN; CREATE TABLE a (x); COMMIT;"},
		"vacuum now":   {"CREATE TABLE a (x);", "VACUUM; CREATE TABLE a (x);"},
		"a comment":    {"CREATE TABLE a (x);", "CREATE TABLE a (x); -- more"},
		"stray commit": {"CREATE TABLE a (x);", "CREATE TABLE a (x); COMMIT;"},
		"own":          {"BEGIN; CREATE TABLE a (x); COMMIT;", "BEGIN; CREATE TABLE a (y); COMMIT;"},
		"own longer":   {"BEGIN; CREATE TABLE a (x); COMMIT;", "CREATE TABLE b (x); BEGIN; CREATE TABLE a (x); COMMIT;"},
	} {
		t.Run(name, func(t *testing.T) {
			s := session(t, b, backend.SessionOptions{})
			defer s.Close()
			_, err := s.Apply(t.Context(), work(t, b, 0, 1, changing("0001-a.sql", texts[0], texts[1])))
			if name == "stray commit" {
				wantError(t, err, migration.ErrRefused)
			} else {
				wantError(t, err, migration.ErrChanged, "0001-a.sql")
			}
			version(t, path, 0)
			check(t, path, "SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('a', 'b')", "")
		})
	}
	// As a member of a group it leaves those before it.
	s := session(t, b, backend.SessionOptions{})
	defer s.Close()
	results, err := s.(backend.Grouper).ApplyGroup(t.Context(), []backend.Work{
		work(t, b, 0, 1, script("0001-a.sql", "CREATE TABLE one (x);")),
		work(t, b, 1, 2, changing("0002-b.sql", "CREATE TABLE two (x);", "CREATE TABLE two (y);")),
		work(t, b, 2, 3, script("0003-c.sql", "CREATE TABLE three (x);")),
	})
	wantError(t, err, migration.ErrChanged, "0002-b.sql")
	if len(results) != 1 {
		t.Errorf("%d are durable", len(results))
	}
	version(t, path, 1)
	check(t, path, "SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('one', 'two', 'three')", "one")
}

// A file that changes behind the commits that are done stops the script; they
// are recorded with the text they had.
func TestChangedUnderneathLater(t *testing.T) {
	path := newFile(t)
	b := sqlitefile.Open(path)
	defer b.Close()
	text := "BEGIN; CREATE TABLE log (n); COMMIT; BEGIN; INSERT INTO log VALUES (1); COMMIT;"
	s := session(t, b, backend.SessionOptions{})
	_, err := s.Apply(t.Context(), work(t, b, 0, 1, changing("0001-a.sql", text, strings.Replace(text, "(1)", "(2)", 1))))
	wantError(t, err, migration.ErrChanged)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	version(t, path, 0)
	mustUp(t, path, files{"0001-a.sql": text})
	check(t, path, "SELECT n FROM log", "1")
}

// Without a transaction around it each statement is applied once, and a run
// that stopped goes on at the statement that failed.
func TestNoTransaction(t *testing.T) {
	path := newFile(t)
	text := "-- fastmigrate: no-transaction\nCREATE TABLE log (n);\nINSERT INTO log VALUES (1);\nSELECT 1;\nINSERT INTO log VALUES (2);\nINSERT INTO nix VALUES (3);\nINSERT INTO log VALUES (4);\n"
	for range 2 {
		_, err := up(t, path, files{"0001-a.sql": text})
		wantError(t, err, nil, "0001-a.sql:6:13: no such table: nix", "3 of its 5 commits")
		check(t, path, "SELECT n FROM log", "1 2")
		check(t, path, progressQuery, "failed|3|1")
	}
	mustUp(t, path, files{"0001-a.sql": strings.Replace(text, "nix", "log", 1)})
	check(t, path, "SELECT n FROM log", "1 2 3 4")
	check(t, path, progressQuery, "applied|5|0")
	version(t, path, 1)
}

// An interrupt in a later segment leaves the earlier ones recorded.
func TestSegmentInterrupted(t *testing.T) {
	path := newFile(t)
	text := "BEGIN; CREATE TABLE log (n); INSERT INTO log VALUES (1); COMMIT;\nBEGIN; " + endless + " COMMIT;"
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := upWith(ctx, t, path, files{"0001-a.sql": text}, fastmigrate.Options{})
	wantError(t, err, context.DeadlineExceeded, "0001-a.sql:2:8", "1 of its 2 commits")
	version(t, path, 0)
	check(t, path, "SELECT n FROM log", "1")
	mustUp(t, path, files{"0001-a.sql": strings.Replace(text, endless, "INSERT INTO log VALUES (2);", 1)})
	check(t, path, "SELECT n FROM log", "1 2")
}

// A transaction that the script rolls back itself leaves nothing, and the
// script is applied.
func TestOwnRollback(t *testing.T) {
	path := newFile(t)
	mustUp(t, path, files{
		"0001-a.sql": "CREATE TABLE log (n); BEGIN; INSERT INTO log VALUES (1); ROLLBACK; BEGIN; INSERT INTO log VALUES (2); COMMIT;",
		"0002-b.sql": "BEGIN; INSERT INTO log VALUES (3); ROLLBACK;",
	})
	check(t, path, "SELECT n FROM log", "2")
	version(t, path, 2)
}

// A COMMIT that deferred foreign keys forbid is the failure of that segment.
func TestCommitRefused(t *testing.T) {
	path := newFile(t)
	text := "PRAGMA foreign_keys = ON;\nCREATE TABLE p (id PRIMARY KEY);\nCREATE TABLE c (p REFERENCES p DEFERRABLE INITIALLY DEFERRED);\nBEGIN;\nINSERT INTO c VALUES (1);\nCOMMIT;"
	_, err := up(t, path, files{"0001-a.sql": text})
	wantError(t, err, nil, "0001-a.sql:6:1: FOREIGN KEY constraint failed", "1 of its 2 commits")
	version(t, path, 0)
	mustUp(t, path, files{"0001-a.sql": strings.Replace(text, "INSERT INTO c", "INSERT INTO p VALUES (1); INSERT INTO c", 1)})
	check(t, path, "SELECT count(*) FROM c", "1")
}

// Another tool that moves the version while a script of several commits is at
// work is noticed before the next commit.
func TestMovedBetweenSegments(t *testing.T) {
	path := newFile(t)
	b := sqlitefile.Open(path)
	defer b.Close()
	text := "-- fastmigrate: no-transaction\nCREATE TABLE log (n);\n" + strings.Repeat("INSERT INTO log VALUES (1); --"+strings.Repeat("x", 10_000)+"\n", 60)
	w := work(t, b, 0, 1, script("0001-a.sql", text))
	// The text is read as it is needed, between two statements.
	w.Step.Migration.Up.(*migration.SQL).Reader = func() (io.ReadCloser, error) {
		half := len(text) / 2
		return io.NopCloser(io.MultiReader(strings.NewReader(text[:half]), &hook{func() {
			do(t, path, "UPDATE _meta SET version = 7")
		}}, strings.NewReader(text[half:]))), nil
	}
	s := session(t, b, backend.SessionOptions{})
	defer s.Close()
	_, err := s.Apply(t.Context(), w)
	wantError(t, err, migration.ErrMoved)
	version(t, path, 7)
}

// A script that holds nothing outside of transactions moves the version by
// comparing, too.
func TestMovedBeforeVacuum(t *testing.T) {
	path := newFile(t)
	b := sqlitefile.Open(path)
	defer b.Close()
	for _, text := range []string{"VACUUM;", "CREATE TABLE x (a);", "BEGIN; CREATE TABLE x (a); COMMIT;", "-- fastmigrate: no-transaction\nSELECT 1;"} {
		s := session(t, b, backend.SessionOptions{})
		w := work(t, b, 0, 1, script("0001-a.sql", text))
		do(t, path, "UPDATE _meta SET version = 5")
		_, err := s.Apply(t.Context(), w)
		wantError(t, err, migration.ErrMoved, "from 0 to 5")
		version(t, path, 5)
		check(t, path, "SELECT count(*) FROM sqlite_schema WHERE name = 'x'", "0")
		do(t, path, "UPDATE _meta SET version = 0")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// hook is a reader of nothing that does something when it is read.
type hook struct{ do func() }

func (h *hook) Read([]byte) (int, error) {
	h.do()
	return 0, io.EOF
}
