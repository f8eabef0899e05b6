package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
)

// leaks are scripts that change their connection, with a condition that holds
// where nothing of it is left.
var leaks = []struct{ name, script, clean string }{
	{"temp table", "CREATE TEMP TABLE x (a); INSERT INTO x VALUES (1);", "NOT EXISTS (SELECT 1 FROM sqlite_temp_schema WHERE name = 'x')"},
	{"temp schema", "CREATE TABLE temp.x (a);", "NOT EXISTS (SELECT 1 FROM sqlite_temp_schema WHERE name = 'x')"},
	{"quoted temp schema", `CREATE TABLE "temp".x (a);`, "NOT EXISTS (SELECT 1 FROM sqlite_temp_schema WHERE name = 'x')"},
	{"temp view", "CREATE TEMPORARY VIEW x AS SELECT 1;", "NOT EXISTS (SELECT 1 FROM sqlite_temp_schema WHERE name = 'x')"},
	{"temp trigger", "CREATE TABLE base (a); CREATE TEMP TRIGGER x AFTER INSERT ON base BEGIN SELECT 1; END;", "NOT EXISTS (SELECT 1 FROM sqlite_temp_schema WHERE name = 'x')"},
	{"temp tables with foreign keys", "PRAGMA foreign_keys = ON; CREATE TEMP TABLE p (a PRIMARY KEY); CREATE TEMP TABLE c (a REFERENCES p); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);", "NOT EXISTS (SELECT 1 FROM sqlite_temp_schema)"},
	{"temp full text", "CREATE VIRTUAL TABLE temp.x USING fts5(a); INSERT INTO x VALUES ('b');", "NOT EXISTS (SELECT 1 FROM sqlite_temp_schema WHERE name LIKE 'x%')"},
	{"attach", "ATTACH ':memory:' AS side; CREATE TABLE side.t (a);", "NOT EXISTS (SELECT 1 FROM pragma_database_list WHERE name = 'side')"},
	{"legacy_alter_table", "PRAGMA legacy_alter_table = ON;", "(SELECT legacy_alter_table FROM pragma_legacy_alter_table) = 0"},
	{"writable_schema", "PRAGMA writable_schema = ON;", "(SELECT writable_schema FROM pragma_writable_schema) = 0"},
	{"foreign_keys", "PRAGMA foreign_keys = ON;", "(SELECT foreign_keys FROM pragma_foreign_keys) = 0"},
	{"case_sensitive_like", "PRAGMA case_sensitive_like = ON;", "'a' LIKE 'A'"},
	{"recursive_triggers", "PRAGMA recursive_triggers = ON;", "(SELECT recursive_triggers FROM pragma_recursive_triggers) = 0"},
	{"ignore_check_constraints", "PRAGMA ignore_check_constraints(1);", "(SELECT ignore_check_constraints FROM pragma_ignore_check_constraints) = 0"},
	{"analysis_limit", "PRAGMA analysis_limit = 77; ANALYZE;", "(SELECT analysis_limit FROM pragma_analysis_limit) <> 77"},
	{"cache_size", "PRAGMA main.cache_size = 77;", "(SELECT cache_size FROM pragma_cache_size) <> 77"},
	{"synchronous", "PRAGMA synchronous = OFF;", "(SELECT synchronous FROM pragma_synchronous) <> 0"},
	{"count_changes", "PRAGMA count_changes = ON; CREATE TABLE base (a); INSERT INTO base VALUES (1), (2);", "(SELECT count_changes FROM pragma_count_changes) = 0"},
	{"journal_mode", "PRAGMA journal_mode = OFF;", "(SELECT journal_mode FROM pragma_journal_mode) <> 'off'"},
}

// What one script does to its connection is not seen by the next, nor, once
// the run has ended, by the program whose connection it is.
func TestLeaks(t *testing.T) {
	for _, d := range doors {
		for _, l := range leaks {
			t.Run(d.name+"/"+l.name, func(t *testing.T) {
				b, conn := d.open(t)
				defer b.Close()
				next := "CREATE TABLE clean (ok NOT NULL); INSERT INTO clean SELECT CASE WHEN " + l.clean + " THEN 1 END;"
				f := files{"0001-change.sql": l.script, "0002-next.sql": next, "0003-change.sql": strings.Replace(l.script, "CREATE TABLE base (a);", "", 1)}
				before := ""
				if conn != nil {
					before = surroundings(t, conn)
				}
				if _, err := upOn(t.Context(), t, b, f, fastmigrate.Options{}); err != nil {
					t.Fatal(err)
				}
				if conn != nil {
					if after := surroundings(t, conn); after != before {
						t.Errorf("connection before:\n%s\nafter:\n%s", before, after)
					}
				}
				// Likewise where the script fails after it has made the change.
				f["0004-fails.sql"] = strings.Replace(l.script, "CREATE TABLE base (a);", "", 1) + "\nSELECT * FROM nowhere;"
				_, err := upOn(t.Context(), t, b, f, fastmigrate.Options{})
				wantError(t, err, nil, "0004-fails.sql:2:15: no such table: nowhere")
				if conn != nil {
					if after := surroundings(t, conn); after != before {
						t.Errorf("connection before:\n%s\nafter a failure:\n%s", before, after)
					}
				}
				f["0004-fails.sql"] = strings.Replace(next, "TABLE clean", "TABLE again", 1)
				f["0004-fails.sql"] = strings.Replace(f["0004-fails.sql"], "INTO clean", "INTO again", 1)
				if _, err := upOn(t.Context(), t, b, f, fastmigrate.Options{}); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// A caller's connection has its own settings, attached databases and temporary
// tables after a run, however unusual they are.
func TestCallersConnectionKeepsItsOwn(t *testing.T) {
	for _, f := range []files{
		{"0001-a.sql": "CREATE TABLE t (a);", "0002-b.sql": "CREATE TEMP TABLE theirs (a); PRAGMA foreign_keys = OFF; ATTACH ':memory:' AS more;"},
		{"0001-a.sql": "CREATE TABLE t (a);", "0002-b.sql": "PRAGMA case_sensitive_like = OFF; CREATE TEMP TABLE theirs (a); SELECT nix;"},
		{"0001-a.sql": "CREATE TABLE t (a); SELECT nix;"},
		{"0001-a.sql": "PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE t (a); COMMIT; PRAGMA query_only = ON; PRAGMA locking_mode = EXCLUSIVE;"},
	} {
		conn, err := openRaw(t, newFile(t)).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			"PRAGMA foreign_keys = ON", "PRAGMA busy_timeout = 1234", "PRAGMA case_sensitive_like = ON", "PRAGMA cache_size = 99",
			"PRAGMA recursive_triggers = ON", "PRAGMA synchronous = NORMAL", "PRAGMA journal_mode = PERSIST",
			"ATTACH ':memory:' AS own", "CREATE TABLE own.t (a)", "CREATE TEMP TABLE mine (a)", "INSERT INTO mine VALUES (42)",
			"CREATE TEMP TABLE _meta (id, version)", "INSERT INTO temp._meta VALUES (1, 77)",
		} {
			if _, err := conn.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		before := surroundings(t, conn)
		b := sqlite.NewConn(conn, sqlite.Options{})
		report, err := upOn(t.Context(), t, b, f, fastmigrate.Options{})
		if got := report.Start; got != "0" {
			t.Errorf("started at %q, with %v: a temporary table was taken for the version table", got, err)
		}
		if after := surroundings(t, conn); after != before {
			t.Errorf("before:\n%s\nafter (%v):\n%s", before, err, after)
		}
		if got := askOn(t, conn, "SELECT a FROM mine"); got != "42" {
			t.Errorf("the caller's temporary table has %q", got)
		}
		conn.Close()
	}
}

// surroundings returns all that can be seen of a connection's state.
func surroundings(t *testing.T, conn querier) string {
	t.Helper()
	var all strings.Builder
	for _, name := range []string{
		"foreign_keys", "busy_timeout", "cache_size", "recursive_triggers", "synchronous", "journal_mode", "legacy_alter_table",
		"writable_schema", "ignore_check_constraints", "query_only", "locking_mode", "analysis_limit", "temp_store",
	} {
		fmt.Fprintf(&all, "%s=%s\n", name, askOn(t, conn, "PRAGMA "+name))
	}
	fmt.Fprintf(&all, "like=%s\n", askOn(t, conn, "SELECT 'a' LIKE 'A'"))
	fmt.Fprintf(&all, "databases=%s\n", askOn(t, conn, "SELECT name FROM pragma_database_list WHERE name <> 'temp'"))
	fmt.Fprintf(&all, "temp=%s\n", askOn(t, conn, "SELECT name FROM sqlite_temp_schema"))
	return all.String()
}

// A caller who is in the middle of a transaction keeps it.
func TestCallersOpenTransaction(t *testing.T) {
	conn, err := openRaw(t, newFile(t)).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{"BEGIN", "CREATE TABLE theirs (a)"} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	_, err = upOn(t.Context(), t, sqlite.NewConn(conn, sqlite.Options{}), five(mended), fastmigrate.Options{})
	wantError(t, err, nil, "transaction")
	if got := askOn(t, conn, "SELECT name FROM sqlite_schema WHERE name = 'theirs'"); got != "theirs" {
		t.Error("the caller's transaction was rolled back")
	}
	if _, err := conn.ExecContext(t.Context(), "COMMIT"); err != nil {
		t.Error(err)
	}
}

// The file of a caller's handle is locked like any other, and what an attached
// database holds is written to.
func TestAttachedFileIsWritten(t *testing.T) {
	path := newFile(t)
	side := filepath.Join(filepath.Dir(path), "side.db")
	b := sqlitefile.Open(path)
	defer b.Close()
	mustUp(t, path, files{
		"0001-a.sql": "ATTACH '" + side + "' AS side; CREATE TABLE side.t (a); INSERT INTO side.t VALUES (5); CREATE TABLE t AS SELECT a FROM side.t; DETACH side;",
		"0002-b.sql": "CREATE TABLE side (a)",
	})
	check(t, path, "SELECT a FROM t", "5")
	check(t, side, "SELECT a FROM t", "5")
	if _, err := os.Stat(side + "-journal"); err == nil {
		t.Error("the attached database is still open")
	}
}
