package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// values are those that an INSERT can give, in spellings that are easily misread.
var values = []string{
	"NULL", "null", "0", "1", "-1", "007", "-0", "42", "999999999999999999", "-999999999999999999", "9223372036854775807",
	"-9223372036854775808", "9223372036854775808", "18446744073709551616", "0x10", "-0xff", "+5", "- 5", "--5\n5",
	"0.0", "-0.0", "1.0", "1.5", "-1.5", ".5", "-.5", "5.", "1e3", "1E+3", "-1e-3", "1e400", "-1e400", "5e-324",
	"0.1", "3.14159265358979312", "123456789012345678901234567890.5", "2.2250738585072014e-308", "9007199254740993.0", "1e23",
	"''", "'x'", "'it''s'", "''''", "'a;b'", "'SELECT'", "'-- no'", "'ü€𝄞'", "'a\nb'", "' 1'", "'1'", "'1.0'", "'1e2'", "'0x10'", "'9223372036854775808'", "'nan'",
	"x''", "X'00'", "x'00fF'", "TRUE", "(1)", "1+1", "'a'||'b'", "abs(-1)", "CAST('1' AS TEXT)", "/* */ 1", "1 -- one\n", "NOT 1", "1 COLLATE nocase",
	"\f1", "\t1 ",
}

// faults are no values.
var faults = []string{
	"", "1.5e", "1_", "1a", "x'0'", "x'zz'", "x 'aa'", "nullx", "NULL NULL", "1 2", "'a' 'b'", "\v1", "?", "@a", "`x`", "1, 2", "DEFAULT",
}

// tables are those that rows are put into.
var tables = []string{
	"CREATE TABLE t (a, b, c);",
	"CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c REAL);",
	"CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b BLOB, c NUMERIC);",
	"CREATE TABLE t (a TEXT PRIMARY KEY, b INT NOT NULL, c REAL) WITHOUT ROWID;",
	"CREATE TABLE t (a INT UNIQUE, b TEXT CHECK (length(b) < 4), c REAL NOT NULL ON CONFLICT REPLACE DEFAULT 1.5);",
	"CREATE TABLE t (a INT, b TEXT, c REAL) STRICT;",
	"CREATE TABLE t (a ANY UNIQUE ON CONFLICT IGNORE, b BLOB, c INT) STRICT;",
	"CREATE TABLE t (a TEXT COLLATE nocase UNIQUE, b, c VARCHAR(3), d AS (typeof(b) || b), e AS (c + 1) STORED);",
	"CREATE TABLE t (a UNIQUE ON CONFLICT ROLLBACK, b, c); CREATE INDEX t_b ON t (b, upper(c)) WHERE c > 1;",
	"CREATE TABLE other (a, b, c); CREATE VIEW t AS SELECT * FROM other;",
}

// drawScript draws a script of INSERT statements, of which most begin like the one
// before. Each statement begins on a line of its own.
func drawScript(t *rapid.T) (script []string) {
	script = append(script, rapid.SampledFrom(tables).Draw(t, "table"))
	heads := []string{"INSERT INTO t VALUES (", "INSERT INTO t (a, b, c) VALUES (", "insert or ignore into main.t(c, b, a) values( ",
		"REPLACE INTO \"t\" VALUES(", "INSERT OR ROLLBACK INTO t(a) VALUES (", "INSERT OR FAIL INTO t (a, b, nix) VALUES ("}
	for range rapid.IntRange(1, 4).Draw(t, "runs") {
		head := rapid.SampledFrom(heads).Draw(t, "head")
		width := rapid.SampledFrom([]int{3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 4}).Draw(t, "width")
		usual := rapid.SliceOfN(rapid.SampledFrom(values), width, width).Draw(t, "usual")
		for n := range rapid.IntRange(1, 6).Draw(t, "rows") {
			row := append([]string{}, usual...)
			row[n%width] = rapid.SampledFrom(values).Draw(t, "value")
			if rapid.IntRange(0, 29).Draw(t, "fault") == 29 {
				row[n%width] = rapid.SampledFrom(faults).Draw(t, "none")
			}
			end := rapid.SampledFrom([]string{");", ");", ");", ");", " ) ;", "), (1, 2, 3);", ") ON CONFLICT DO NOTHING;", ") RETURNING a;", ") -- c\n;"}).Draw(t, "end")
			script = append(script, head+strings.Join(row, rapid.SampledFrom([]string{",", ", ", " ,\n"}).Draw(t, "comma"))+end)
		}
	}
	return script
}

// Whatever rows a script inserts, the database comes to hold what the engine makes
// of the statements one by one, and it stops where the engine stops, with the same
// words.
func TestRowsAsWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		script := drawScript(rt)
		encoding := rapid.SampledFrom([]string{"UTF-8", "UTF-8", "UTF-16le"}).Draw(rt, "encoding")
		ours, plain := emptyDatabase(t, encoding), emptyDatabase(t, encoding)
		_, got := up(t, ours, files{"0001-a.sql": strings.Join(script, "\n")})
		line, failure := plainly(t, plain, script)
		if failure != nil {
			var e *migration.Error
			if !errors.As(got, &e) || e.Origin.Line < line || !strings.Contains(failure.Error(), errors.Unwrap(e).Error()) {
				rt.Fatalf("%q\n got %v\nwant line %d: %v", script, got, line, failure)
			}
			return
		}
		if got != nil {
			rt.Fatalf("%q: %v", script, got)
		}
		// Beside the largest rowid the engine draws those that are not given by lot.
		const key = "CASE WHEN typeof(a) = 'integer' AND a BETWEEN 1000 AND 1 << 62 AND a <> 999999999999999999 THEN 'some key' ELSE quote(a) END"
		const rows = "SELECT typeof(a), " + key + ", typeof(b), quote(b), typeof(c), quote(c) FROM t ORDER BY 1, 2, 3, 4, 5, 6"
		if a, b := ask(t, ours, rows), ask(t, plain, rows); a != b {
			rt.Fatalf("%q\n got %s\nwant %s", script, a, b)
		}
	})
}

// Each value that an INSERT can give comes to be in a column of each sort as if it
// were the only one given.
func TestEachValue(t *testing.T) {
	for _, encoding := range []string{"UTF-8", "UTF-16be"} {
		script := []string{"CREATE TABLE t (a, b TEXT, c REAL, d INT, e BLOB, f NUMERIC);", "CREATE TABLE s (a ANY) STRICT;"}
		for _, first := range []string{"NULL", "0.5"} {
			for _, table := range []string{"t", "s"} {
				width := map[string]int{"t": 6, "s": 1}[table]
				head := "INSERT INTO " + table + " VALUES ("
				for _, value := range values {
					script = append(script, "SELECT 1;")
					for _, v := range []string{first, first, value, "NULL", "7", "1.25", "'x'", value} {
						script = append(script, head+row(v, width)+");")
					}
				}
			}
		}
		ours, plain := emptyDatabase(t, encoding), emptyDatabase(t, encoding)
		mustUp(t, ours, files{"0001-a.sql": strings.Join(script, "\n")})
		if line, err := plainly(t, plain, script); err != nil {
			t.Fatalf("line %d: %v", line, err)
		}
		for _, column := range []string{"t.a", "t.b", "t.c", "t.d", "t.e", "t.f", "s.a"} {
			table := column[:1]
			query := "SELECT rowid, typeof(" + column + "), quote(" + column + "), hex(" + column + ") FROM " + table
			got, want := strings.Fields(ask(t, ours, query)), strings.Fields(ask(t, plain, query))
			for i := range want {
				if i >= len(got) || got[i] != want[i] {
					t.Errorf("%s, %s, of %d and %d: got %q, want %q", column, encoding, len(got), len(want), got[min(i, len(got)-1)], want[i])
					break
				}
			}
		}
	}
}

// row returns a value so many times.
func row(value string, width int) string {
	return strings.TrimSuffix(strings.Repeat(value+", ", width), ", ")
}

// emptyDatabase makes a managed database whose text has an encoding.
func emptyDatabase(t testing.TB, encoding string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	do(t, path, "PRAGMA encoding = '"+encoding+"'; CREATE TABLE _meta (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL); INSERT INTO _meta VALUES (1, 0)")
	return path
}

// plainly runs the statements past us, in one transaction, and returns the line of
// the one that failed.
func plainly(t testing.TB, path string, script []string) (line int, err error) {
	db := openRaw(t, path)
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	line = 1
	for _, statement := range append([]string{"BEGIN"}, script...) {
		if _, err := conn.ExecContext(context.Background(), statement); err != nil {
			return line, err
		}
		if statement != "BEGIN" {
			line += 1 + strings.Count(statement, "\n")
		}
	}
	_, err = conn.ExecContext(context.Background(), "COMMIT")
	return line, err
}

// One row among thousands that begin alike fails at its own place, in the words of
// the engine, and nothing of the script is kept.
func TestRowFails(t *testing.T) {
	for bad, want := range map[string]string{
		"INSERT INTO t VALUES (7, 'x', 1.5);":         "0001-a.sql:3002:1: UNIQUE constraint failed: t.a",
		"INSERT INTO t VALUES (NULL, NULL, 1.5);":     "0001-a.sql:3002:1: NOT NULL constraint failed: t.b",
		"INSERT INTO t VALUES ('no', 'x', 1.5);":      "0001-a.sql:3002:1: datatype mismatch",
		"INSERT INTO t VALUES (NULL, 'x', -1.5);":     "0001-a.sql:3002:1: CHECK constraint failed: positive",
		"INSERT INTO t VALUES (NULL, 'x');":           "0001-a.sql:3002:1: table t has 3 columns but 2 values were supplied",
		"INSERT INTO t VALUES (NULL, 'x', 1.5, 2);":   "0001-a.sql:3002:1: table t has 3 columns but 4 values were supplied",
		"INSERT INTO t VALUES (NULL, 'x', 1.5,);":     `0001-a.sql:3002:38: near ")": syntax error`,
		"INSERT INTO t VALUES (NULL, 'x', nix(1.5));": "0001-a.sql:3002:34: no such function: nix",
		"INSERT INTO t VALUES (NULL, 'x', ?);":        "0001-a.sql:3002:1: ",
	} {
		path := newFile(t)
		var text strings.Builder
		text.WriteString("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL, c REAL CONSTRAINT positive CHECK (c > 0));\n")
		for n := range 3000 {
			fmt.Fprintf(&text, "INSERT INTO t VALUES (%d, 'it''s %d', %d.5);\n", n, n, n)
		}
		more := strings.Repeat("INSERT INTO t VALUES (NULL, 'more', 1.5);\n", 2000)
		_, err := up(t, path, files{"0001-a.sql": text.String() + bad + "\n" + more})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", bad, err, want)
		}
		version(t, path, 0)
		check(t, path, "SELECT count(*) FROM sqlite_schema WHERE name = 't'", "0")
		mustUp(t, path, files{"0001-a.sql": text.String() + more})
		check(t, path, "SELECT count(*), sum(a), count(DISTINCT b), CAST(sum(c) AS INT) FROM t", "5000|12497500|3001|4503000")
	}
}

// A run that is cancelled among thousands of rows ends at one of them, and leaves
// nothing.
func TestRowsCancelled(t *testing.T) {
	path := newFile(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b := sqlitefile.Open(path)
	defer b.Close()
	s, err := b.Session(ctx, backend.SessionOptions{Progress: func(p backend.Progress) {
		if p.Statements >= 5000 {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	text := "CREATE TABLE t (a, b);\n" + strings.Repeat("INSERT INTO t VALUES (1, 'some text');\n", 20_000)
	_, err = s.Apply(ctx, work(t, b, 0, 1, script("0001-a.sql", text)))
	wantError(t, err, context.Canceled, "0001-a.sql:5001:1: interrupted")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	version(t, path, 0)
	mustUp(t, path, files{"0001-a.sql": text})
	check(t, path, "SELECT count(*) FROM t", "20000")
}

// What a script changes between rows that begin alike holds for the next of them.
func TestRowsAmongOthers(t *testing.T) {
	path := newFile(t)
	row := "INSERT INTO t VALUES (1, 'x');\n"
	mustUp(t, path, files{
		"0001-a.sql": "PRAGMA count_changes = ON; CREATE TABLE t (a, b);\n" + row + row + row + "PRAGMA count_changes = OFF;\n" +
			"DROP TABLE t; CREATE TABLE t (a TEXT, b DEFAULT 2);\n" + row + row +
			"ALTER TABLE t ADD COLUMN c;\nALTER TABLE t DROP COLUMN c;\n" + row + row,
		"0002-b.sql": row + row + "PRAGMA ignore_check_constraints = ON; CREATE TABLE u (a CHECK (a > 1));\n" +
			"INSERT INTO u VALUES (1);\nINSERT INTO u VALUES (0);\nINSERT INTO u VALUES (0);",
		"0003-c.sql": row + row + "BEGIN;\n" + row + row + "COMMIT;\nVACUUM;\n" + row + row + "BEGIN;\n" + row + row + "ROLLBACK;",
		"0004-d.sql": "-- fastmigrate: no-transaction\n" + row + row + row + "VACUUM;",
	})
	check(t, path, "SELECT count(*), min(typeof(a)) FROM t", "15|text")
	check(t, path, "SELECT count(*) FROM u", "3")
	report, err := upWith(t.Context(), t, path, files{"0005-e.sql": "CREATE TEMP TABLE t (a, b);\n" + row + row + row}, fastmigrate.Options{})
	if err != nil || report.End != migration.Version(5).State() {
		t.Errorf("got %v, at %s", err, report.End)
	}
	check(t, path, "SELECT count(*) FROM t", "15")
}
