package sqlite_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/run"
)

// five are migrations that count how often each was applied.
func five(third string) files {
	return files{
		"0001-a.sql": "CREATE TABLE log (n INTEGER); CREATE TABLE u (k INTEGER PRIMARY KEY); INSERT INTO u VALUES (7); INSERT INTO log VALUES (1);",
		"0002-b.sql": "INSERT INTO log VALUES (2);",
		"0003-c.sql": third,
		"0004-d.sql": "INSERT INTO log VALUES (4);",
		"0005-e.sql": "INSERT INTO log VALUES (5);",
	}
}

const mended = "INSERT INTO log VALUES (3);"

// The third of five that share a transaction fails, in each of the ways that
// end a transaction or leave it standing.
func TestGroupThirdFails(t *testing.T) {
	for _, c := range []struct {
		name, third, says string
	}{
		{"syntax error", "INSERT INTO log VALUES (3);\nINSERT INTI log VALUES (3);", `0003-c.sql:2:8: near "INTI": syntax error`},
		{"no such table", "INSERT INTO log VALUES (3);\nDELETE FROM nix;", "0003-c.sql:2:13: no such table: nix"},
		{"constraint", "INSERT INTO log VALUES (3);\nINSERT INTO u VALUES (7);", "0003-c.sql:2:1: UNIQUE constraint failed: u.k"},
		{"or fail", "INSERT INTO log VALUES (3);\nINSERT OR FAIL INTO u VALUES (8), (7);", "UNIQUE constraint failed: u.k"},
		{"or rollback", "INSERT INTO log VALUES (3);\nINSERT OR ROLLBACK INTO u VALUES (7);", "UNIQUE constraint failed: u.k"},
		{"on conflict rollback", "CREATE TABLE r (k PRIMARY KEY ON CONFLICT ROLLBACK);\nINSERT INTO r VALUES (1), (1);", "UNIQUE constraint failed: r.k"},
		{"raise rollback", "CREATE TRIGGER no BEFORE INSERT ON u BEGIN SELECT RAISE(ROLLBACK, 'not that way'); END;\nINSERT INTO u VALUES (9);", "0003-c.sql:2:1: not that way"},
		{"raise abort", "CREATE TRIGGER no BEFORE INSERT ON u BEGIN SELECT RAISE(ABORT, 'quota (5)'); END;\nINSERT INTO u VALUES (9);", "0003-c.sql:2:1: quota (5)"},
		{"own savepoints", "SAVEPOINT x; INSERT INTO log VALUES (3); ROLLBACK TO x; SAVEPOINT y; RELEASE x; INSERT INTO u VALUES (7);", "UNIQUE constraint failed: u.k"},
		{"drops the version table", "INSERT INTO log VALUES (3); DROP TABLE _meta;", "0003-c.sql: "},
		{"empties the version table", "INSERT INTO log VALUES (3); DELETE FROM _meta;", "0003-c.sql: "},
		{"drops the history", "INSERT INTO log VALUES (3); DROP TABLE _fastmigrate_history;", "0003-c.sql: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := newFile(t)
			report, err := up(t, path, five(c.third))
			wantError(t, err, nil, c.says)
			if got := applied(report); got != "0001-a.sql 0002-b.sql" {
				t.Errorf("applied %q", got)
			}
			if report.Failed == nil || report.Failed.File() != "0003-c.sql" || len(report.Skipped) != 2 || report.End != "2" {
				t.Errorf("report: failed %v, skipped %d, end %s", report.Failed, len(report.Skipped), report.End)
			}
			version(t, path, 2)
			check(t, path, "SELECT n FROM log", "1 2")
			check(t, path, historyQuery, "0-1:applied 1-2:applied")

			report = mustUp(t, path, five(mended))
			if got := applied(report); got != "0003-c.sql 0004-d.sql 0005-e.sql" {
				t.Errorf("then applied %q", got)
			}
			version(t, path, 5)
			check(t, path, "SELECT n FROM log", "1 2 3 4 5")
			check(t, path, historyQuery, "0-1:applied 1-2:applied 2-3:applied 3-4:applied 4-5:applied")
		})
	}
}

const endless = "INSERT INTO log WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c WHERE x < 0;"

// An interrupt rolls the whole transaction back where the statement writes.
// What came before is not run again then, because we were told to stop.
func TestGroupInterrupted(t *testing.T) {
	for name, third := range map[string]string{
		"writing": endless,
		"reading": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c;",
		"pragma":  "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c; CREATE TABLE w AS SELECT max(x) FROM v;",
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			began := time.Now()
			report, err := upWith(ctx, t, path, five(third), fastmigrate.Options{})
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v to stop", took)
			}
			wantError(t, err, context.Canceled, "0003-c.sql:1:")
			if report.Failed == nil || report.Failed.File() != "0003-c.sql" {
				t.Errorf("failed: %v", report.Failed)
			}
			if got := len(report.Applied) + 1 + len(report.Skipped); got != 5 {
				t.Errorf("report accounts for %d of 5 steps", got)
			}
			version(t, path, len(report.Applied))
			if report.End != migrationState(len(report.Applied)) {
				t.Errorf("end is %s with %d applied", report.End, len(report.Applied))
			}
			mustUp(t, path, five(mended))
			check(t, path, "SELECT n FROM log", "1 2 3 4 5")
		})
	}
}

// What failed for a reason that is gone when it is tried again must not be
// lost or doubled: the earlier members are run a second time, and the report
// tells of them once.
func TestGroupEventsOnce(t *testing.T) {
	path := newFile(t)
	var done []string
	_, err := upWith(t.Context(), t, path, five("INSERT OR ROLLBACK INTO u VALUES (7);"), fastmigrate.Options{
		OnEvent: func(e fastmigrate.Event) {
			if a, ok := e.(run.Applied); ok {
				done = append(done, a.Step.File())
				// Applied is said after the commit: another connection sees it.
				version(t, path, 2)
			}
		},
	})
	wantError(t, err, nil, "UNIQUE")
	if len(done) != 2 {
		t.Errorf("events: %v", done)
	}
}

// A COMMIT that another program's reading keeps out for longer than SQLite
// waits is tried again while the transaction stays open.
func TestGroupCommitWaitsForReaders(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for more than the busy timeout")
	}
	t.Parallel()
	path := newFile(t)
	reader, err := openRaw(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.ExecContext(t.Context(), "BEGIN; SELECT * FROM _meta"); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(6*time.Second, func() { reader.ExecContext(context.Background(), "ROLLBACK") })
	// One alone: of several, those are tried one by one that fail together.
	mustUp(t, path, files{"0001-a.sql": "CREATE TABLE log (n)"})
	version(t, path, 1)
}

// A database that another program writes to is said to be locked.
func TestLockedByAnother(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for the busy timeout")
	}
	path := newFile(t)
	do(t, path, "CREATE TABLE mine (x)")
	writer, err := openRaw(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if _, err := writer.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	b := sqlitefile.Open(path)
	defer b.Close()
	_, err = b.State(t.Context())
	wantError(t, err, nil, "locked by another program")
	if _, err := writer.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
}

// Cancelled before it began, a run does nothing and says so.
func TestCancelledBefore(t *testing.T) {
	path := newFile(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := upWith(ctx, t, path, five(mended), fastmigrate.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	version(t, path, 0)
}

// Many small migrations, one of them failing late, keep all before it.
func TestGroupMany(t *testing.T) {
	path := newFile(t)
	f := files{"0001-a.sql": "CREATE TABLE log (n INTEGER)"}
	for i := 2; i <= 60; i++ {
		f[fourDigits(i)+"-x.sql"] = "INSERT INTO log VALUES (" + fourDigits(i) + ")"
	}
	broken := maps.Clone(f)
	broken["0050-x.sql"] = "INSERT INTO log VALUES (1) ON"
	report, err := up(t, path, broken)
	wantError(t, err, nil, "0050-x.sql:1:")
	if len(report.Applied) != 49 {
		t.Errorf("%d applied", len(report.Applied))
	}
	version(t, path, 49)
	mustUp(t, path, f)
	check(t, path, "SELECT count(*), count(DISTINCT n) FROM log", "59|59")
}
