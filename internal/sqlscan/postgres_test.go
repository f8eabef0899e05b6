package sqlscan

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// TestPostgresStatements holds where PostgreSQL's statements end.
func TestPostgresStatements(t *testing.T) {
	tests := []struct {
		name   string
		script string
		want   []string
	}{
		{"two", "SELECT 1; SELECT 2", []string{"SELECT 1;", "SELECT 2"}},
		{"empty statements", ";; a;;\n;b;", []string{"a;", "b;"}},
		{"string", `SELECT 'it''s; \'; x`, []string{`SELECT 'it''s; \';`, "x"}},
		{"string with escapes", `SELECT E'\';', e'\\'; x`, []string{`SELECT E'\';', e'\\';`, "x"}},
		{"the e of a name", `SELECT some'\'; x`, []string{`SELECT some'\';`, "x"}},
		{"the e of a number", `SELECT 1e'\'; x`, []string{`SELECT 1e'\';`, "x"}},
		{"string that goes on", "SELECT E'a'\n-- it's\n '\\';'; x", []string{"SELECT E'a'\n-- it's\n '\\';';", "x"}},
		{"string that does not go on", `SELECT E'a' '\'; x`, []string{`SELECT E'a' '\';`, "x"}},
		{"strings of other sorts", `SELECT U&'\0061;', N';\', b'1;', X';'; x`, []string{`SELECT U&'\0061;', N';\', b'1;', X';';`, "x"}},
		{"names", `SELECT "a;""b\", U&"c;" UESCAPE '!'; x`, []string{`SELECT "a;""b\", U&"c;" UESCAPE '!';`, "x"}},
		{"dollars", "SELECT $$a;'$$, $t$;$$;$t1$;$t$, $é_1$;$é_1$; x", []string{"SELECT $$a;'$$, $t$;$$;$t1$;$t$, $é_1$;$é_1$;", "x"}},
		{"dollars in names", "SELECT a$$, b$t$; x$$; c", []string{"SELECT a$$, b$t$;", "x$$;", "c"}},
		{"dollars behind a string", "SELECT ''$$;$$; x", []string{"SELECT ''$$;$$;", "x"}},
		{"parameters", "SELECT $1, $2$a$;$a$; x", []string{"SELECT $1, $2$a$;$a$;", "x"}},
		{"a tag is told by its case", "SELECT $a$;$A$;$a$; x", []string{"SELECT $a$;$A$;$a$;", "x"}},
		{"comments", "a -- ; '\n/* ; ' */; b /* $$ */", []string{"a -- ; '\n/* ; ' */;", "b"}},
		{"nested comments", "/* /* ; */ */ a /* /*/ ; */ ; */; b", []string{"a /* /*/ ; */ ; */;", "b"}},
		{"comments end operators", "SELECT 1 +-- ;\n2 */* ; */3; x", []string{"SELECT 1 +-- ;\n2 */* ; */3;", "x"}},
		{"parentheses", "CREATE RULE r AS ON INSERT TO t DO (a; b(;);); x", []string{"CREATE RULE r AS ON INSERT TO t DO (a; b(;););", "x"}},
		{"a parenthesis too many", "a); b", []string{"a);", "b"}},
		{"the lines of pg_dump", "\\restrict a'b\na;\n\\unrestrict a'b", []string{"a;"}},

		{"COPY", "COPY t FROM stdin;\n1\t;\n\\.\nx", []string{"COPY t FROM stdin;|1\t;\n", "x"}},
		{"COPY in any case, with options", "Copy a.t (\"b;\", c) From StdIn WITH (FORMAT csv, NULL ';') ; -- c\n\"\n;\\.\n\\.\nx",
			[]string{"Copy a.t (\"b;\", c) From StdIn WITH (FORMAT csv, NULL ';') ;|\"\n;\\.\n", "x"}},
		{"COPY without data", "COPY t FROM STDIN;\n\\.\nx", []string{"COPY t FROM STDIN;|", "x"}},
		{"COPY at the end", "COPY t FROM STDIN;\na\n\\.", []string{"COPY t FROM STDIN;|a\n"}},
		{"lines that do not end it", "COPY t FROM STDIN;\n\\..\n\\.\\.\n \\.\n\\\\.\n\\\n\\.\nx", []string{"COPY t FROM STDIN;|\\..\n\\.\\.\n \\.\n\\\\.\n\\\n", "x"}},
		{"COPY from elsewhere", "COPY t FROM 'stdin'; COPY t FROM \"stdin\"; COPY t FROM PROGRAM 'a'; COPY (SELECT 1 FROM stdin) TO STDOUT; COPY stdin TO STDOUT; a FROM stdin; x",
			[]string{"COPY t FROM 'stdin';", "COPY t FROM \"stdin\";", "COPY t FROM PROGRAM 'a';", "COPY (SELECT 1 FROM stdin) TO STDOUT;", "COPY stdin TO STDOUT;", "a FROM stdin;", "x"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, textsIn(test.script, PostgreSQL, 0)); diff != "" {
				t.Errorf("statements of %q (-want +got):\n%s", test.script, diff)
			}
		})
	}
}

// TestPostgresRoutines holds where routines end that are written in SQL itself.
// The server takes each of them as one statement.
func TestPostgresRoutines(t *testing.T) {
	routines := []string{
		"CREATE FUNCTION a() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;",
		"create or replace function a() returns int begin /* ; */ atomic select case when true then 1 end; select 2; end;",
		"CREATE PROCEDURE b() BEGIN ATOMIC END;",
		"CREATE FUNCTION c(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE x WHEN 1 THEN CASE WHEN true THEN 2 END ELSE 3 END; END;",
		"CREATE FUNCTION d() RETURNS int BEGIN ATOMIC SELECT (CASE WHEN true THEN 1 END); SELECT \"end\" FROM (SELECT 1 AS \"end\") s; END;",
		"CREATE FUNCTION e() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT s.end FROM (SELECT 1 AS end) s; SELECT 1 AS case; END;",
		"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT begin FROM (SELECT 1 AS begin) s; END;",
		"CREATE FUNCTION g() RETURNS int RETURN CASE WHEN true THEN 1 END;",
		"CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'SELECT 1';",
		"CREATE FUNCTION h() RETURNS int LANGUAGE sql AS $begin$ SELECT 1; -- END;\n SELECT 2; $begin$;",
		"CREATE FUNCTION i() RETURNS text BEGIN ATOMIC SELECT E'a\\';'\n-- END;\n'\\';'; END;",
		"CREATE FUNCTION j() RETURNS text BEGIN ATOMIC SELECT CAST('a' AS \"char\")::text || CASE WHEN true THEN 'a' END; END;",
	}
	ctx := context.Background()
	c, err := pgx.Connect(ctx, testdb.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	for _, routine := range routines {
		want := []string{"SELECT 0;", routine, "SELECT 'behind'"}
		if diff := cmp.Diff(want, textsIn(strings.Join(want, " "), PostgreSQL, 0)); diff != "" {
			t.Errorf("statements around %q (-want +got):\n%s", routine, diff)
		}
		if _, err := c.Exec(ctx, routine, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Errorf("%s: %v", routine, err)
		}
	}
	for _, other := range []string{"BEGIN;", "CREATE TABLE t(begin int, atomic int);", "CREATE TRIGGER function BEGIN ATOMIC;", "DO $$BEGIN END$$;", "CREATE AGGREGATE a BEGIN ATOMIC;"} {
		if diff := cmp.Diff([]string{other, "x"}, textsIn(other+" x", PostgreSQL, 0)); diff != "" {
			t.Errorf("statements of %q (-want +got):\n%s", other, diff)
		}
	}
}

// TestPostgresErrors holds what is refused and where it is said to be.
func TestPostgresErrors(t *testing.T) {
	const command = ", a command of psql, which only psql understands"
	tests := []struct {
		name   string
		script string
		want   []string
	}{
		{"command", "a;\n\\connect b", []string{"a;", `line 2, column 1: has \connect` + command}},
		{"command with a file", "\\i 'a;b.sql'\n", []string{`line 1, column 1: has \i` + command}},
		{"command in a statement", "SELECT 1 \\gset a_\n", []string{`line 1, column 10: has \gset` + command}},
		{"copy of psql", " \\copy t from 'f'", []string{`line 1, column 2: has \copy` + command}},
		{"end of no data", "a;\n\\.\n", []string{"a;", `line 2, column 1: has \.` + command}},
		{"semicolon", `a \; b`, []string{`line 1, column 3: has \;` + command}},
		{"backslash alone", "a \\", []string{`line 1, column 3: has \` + command}},
		{"a longer name", `\restricted`, []string{`line 1, column 1: has \restricted` + command}},
		{"restrict in a statement", "a\n\\restrict b", []string{`line 2, column 1: has \restrict` + command}},
		{"string", "a; 'b;", []string{"a;", "line 1, column 4: has a string that is not closed"}},
		{"escapes", `a E'b\';`, []string{"line 1, column 3: has a string that is not closed"}},
		{"name", `a U&"b;`, []string{"line 1, column 3: has a quoted name that is not closed"}},
		{"dollars", "a $b$;$c$;", []string{"line 1, column 3: has a dollar-quoted string that is not closed"}},
		{"comment", "a /* /* ; */;", []string{"line 1, column 3: has a comment that is not closed"}},
		{"comment between statements", "a;\n /* b */\n /* /* ; */\n;\n", []string{"a;", "line 3, column 2: has a comment that is not closed"}},
		{"comment that has only begun", "a; /*", []string{"a;", "line 1, column 4: has a comment that is not closed"}},
		{"data without end", "a;\n COPY t FROM stdin;\nb\n", []string{"a;",
			"COPY t FROM stdin;|b\n line 2, column 2: has COPY … FROM STDIN without a line \\. behind its data",
			"line 2, column 2: has COPY … FROM STDIN without a line \\. behind its data"}},
		{"COPY without a line's end", "COPY t FROM stdin", []string{"COPY t FROM stdin"}},
		{"COPY without data", "COPY t FROM stdin;", []string{
			"COPY t FROM stdin;| line 1, column 1: has COPY … FROM STDIN without a line \\. behind its data",
			"line 1, column 1: has COPY … FROM STDIN without a line \\. behind its data"}},
		{"text behind COPY", "COPY t FROM stdin; a;\n\\.\n", []string{
			"COPY t FROM stdin;| line 1, column 20: has text behind COPY … FROM STDIN on the same line: its data begins on the next",
			"line 1, column 20: has text behind COPY … FROM STDIN on the same line: its data begins on the next"}},
		{"NUL in data", "COPY t FROM stdin;\nab\x00c\n\\.\n", []string{
			"COPY t FROM stdin;|ab line 2, column 3: contains a NUL byte", "line 2, column 3: contains a NUL byte"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, textsIn(test.script, PostgreSQL, 0)); diff != "" {
				t.Errorf("statements of %q (-want +got):\n%s", test.script, diff)
			}
		})
	}
}

// TestPostgresPlaces holds that data counts for places, offsets and sums,
// whether it is read or not.
func TestPostgresPlaces(t *testing.T) {
	script := "-- é\n\\restrict x\nCOPY t FROM stdin; -- c\r\né\r\nb\n\\.\n  SELECT 1;\n/* /* */ */ 2"
	want := scanAll(New(strings.NewReader(script), PostgreSQL))
	var got []found
	s := New(strings.NewReader(script), PostgreSQL)
	for s.Scan() {
		st := s.Statement()
		if r := s.Data(); r != nil && len(got) == 0 {
			if n, err := r.Read(make([]byte, 1)); n != 1 || err != nil {
				t.Error(n, err)
			}
		}
		got = append(got, found{Text: string(st.Text), Line: st.Line, Column: st.Column, Offset: st.Offset, End: st.End, Terminated: st.Terminated, Sum: s.Sum()})
	}
	want.Statements[0].Data, want.Statements[0].End, want.Statements[0].Sum = "", got[0].End, got[0].Sum
	if diff := cmp.Diff(want.Statements, got); diff != "" || s.Sum() != want.Sum || s.Size() != int64(len(script)-2) {
		t.Errorf("read and not read, sums and %d bytes, (-read +not):\n%s", s.Size(), diff)
	}
	if st := got[1]; st.Line != 7 || st.Column != 3 || st.Text != "SELECT 1;" {
		t.Errorf("behind the data: %+v", st)
	}
	if want.Comment != "-- é\n\\restrict x" {
		t.Errorf("comment %q", want.Comment)
	}
}

// TestDataOnce holds that a reader of data gives nothing once the scan has gone
// on, and that the statement's text stays until then.
func TestDataOnce(t *testing.T) {
	s := newSize(strings.NewReader("COPY t FROM stdin;\n"+strings.Repeat("x", 100)+"\n\\.\nSELECT 1;"), PostgreSQL, 8)
	s.Scan()
	r, again := s.Data(), s.Data()
	if text, err := io.ReadAll(r); err != nil || len(text) != 101 || string(s.Statement().Text) != "COPY t FROM stdin;" {
		t.Errorf("%q, %v, statement %q", text, err, s.Statement().Text)
	}
	if text, err := io.ReadAll(again); err != nil || len(text) != 0 {
		t.Errorf("a second time: %q, %v", text, err)
	}
	s.Scan()
	if text, err := io.ReadAll(r); err != nil || len(text) != 0 || s.Data() != nil || string(s.Statement().Text) != "SELECT 1;" {
		t.Errorf("%q, %v, statement %q", text, err, s.Statement().Text)
	}
}

// TestDataPieces holds that the size of what a caller reads at once does not
// change the data, nor that the caller is written to.
func TestDataPieces(t *testing.T) {
	const want = "\\..\n\n\\.\\.\n\\\n\\\\.\nab\n\\.x\n \\.\n\n"
	for size := 1; size < len(want)+3; size++ {
		for _, buffer := range []int{8, 9, 16, 64, bufferSize} {
			s := newSize(strings.NewReader("COPY t FROM stdin;\n"+want+"\\.\nx"), PostgreSQL, buffer)
			s.Scan()
			var got strings.Builder
			_, err := io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{s.Data()}, make([]byte, size))
			if got.String() != want || err != nil || !s.Scan() || string(s.Statement().Text) != "x" {
				t.Fatalf("by %d bytes, with a buffer of %d: %q, %v, then %q", size, buffer, got.String(), err, s.Statement().Text)
			}
			s = newSize(strings.NewReader("COPY t FROM stdin;\n"+want+"\\.\nx"), PostgreSQL, buffer)
			s.Scan()
			got.Reset()
			_, err = io.CopyN(&got, s.Data(), int64(min(size, len(want))))
			n, err2 := io.Copy(&got, s.Data())
			if got.String() != want || err != nil || err2 != nil || int(n) != len(want)-min(size, len(want)) || !s.Scan() || string(s.Statement().Text) != "x" {
				t.Fatalf("written after %d bytes, with a buffer of %d: %q, %v, %v, then %q", size, buffer, got.String(), err, err2, s.Statement().Text)
			}
		}
	}
}
