package sqlscan

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// found is a statement that outlives the scan, with the checksum at its end.
type found struct {
	Text         string
	Line, Column int
	Offset, End  int64
	Terminated   bool
	Data         string // what follows it, with "|" before it if something can
	Sum          [32]byte
}

// result is all that a Scanner says of a script.
type result struct {
	Statements []found
	Sum        [32]byte
	Comment    string
	Err        string
}

// scanAll runs a scanner to its end.
func scanAll(s *Scanner) result {
	var r result
	for s.Scan() {
		st, data := s.Statement(), ""
		if r := s.Data(); r != nil {
			text, err := io.ReadAll(r)
			if data = "|" + string(text); err != nil {
				data += " " + err.Error()
			}
		}
		sum := [32]byte{}
		if s.Err() == nil { // after an error in the data, it means nothing
			sum = s.Sum()
		}
		r.Statements = append(r.Statements, found{string(st.Text), st.Line, st.Column, st.Offset, st.End, st.Terminated, data, sum})
	}
	if s.Err() != nil {
		r.Err = s.Err().Error()
	} else {
		r.Sum = s.Sum()
		r.Comment = s.Comment()
	}
	return r
}

// texts returns the statements of a script, followed by the error if there is
// one, as a test can spell them.
func texts(t *testing.T, script string) []string {
	t.Helper()
	return textsIn(script, SQLite, 0)
}

// textsIn is texts for any dialect.
func textsIn(script string, d Dialect, m Mode) []string {
	s := New(strings.NewReader(script), d)
	s.SetMode(m)
	r := scanAll(s)
	var all []string
	for _, st := range r.Statements {
		all = append(all, st.Text+st.Data)
	}
	if r.Err != "" {
		all = append(all, r.Err)
	}
	return all
}

// TestStatements holds where statements end. A script with nothing behind it
// is one statement, or none if it is nothing but blanks and comments.
func TestStatements(t *testing.T) {
	tests := []struct {
		name   string
		script string
		want   []string
	}{
		{"empty", "", nil},
		{"blanks", " \t\r\n\f \v", nil},
		{"semicolons", ";;\n ; ;", nil},
		{"comments", "-- a;\n/* b; */ ; -- c;", nil},
		{"no semicolon", "SELECT 1", []string{"SELECT 1"}},
		{"no semicolon and more", " SELECT 1 -- one;\n /* two; */ ", []string{"SELECT 1"}},
		{"two", "SELECT 1; SELECT 2;", []string{"SELECT 1;", "SELECT 2;"}},
		{"no blank between", "SELECT 1;SELECT 2", []string{"SELECT 1;", "SELECT 2"}},
		{"semicolon far off", "SELECT 1 -- a;\n /* ; */ ;SELECT 2", []string{"SELECT 1 -- a;\n /* ; */ ;", "SELECT 2"}},
		{"empty statements between", "a;;; b;\n;c", []string{"a;", "b;", "c"}},

		{"string", "SELECT 'a;b'; x", []string{"SELECT 'a;b';", "x"}},
		{"doubled quote", "SELECT 'it''s; y'; x", []string{"SELECT 'it''s; y';", "x"}},
		{"only quotes", "SELECT ''';'';'; x", []string{"SELECT ''';'';';", "x"}},
		{"backslash is no escape", `SELECT '\'; x`, []string{`SELECT '\';`, "x"}},
		{"double quotes", `SELECT "a;""b;"; x`, []string{`SELECT "a;""b;";`, "x"}},
		{"backticks", "SELECT `a;``b;`; x", []string{"SELECT `a;``b;`;", "x"}},
		{"brackets", "SELECT [a;[b;'\"]; x", []string{"SELECT [a;[b;'\"];", "x"}},
		{"brackets do not double", "SELECT [a]]; x", []string{"SELECT [a]];", "x"}},
		{"one kind in another", "SELECT '\"', \"'\", `]`, [`]; x", []string{"SELECT '\"', \"'\", `]`, [`];", "x"}},
		{"newline in a string", "SELECT 'a\n;\n--b'; x", []string{"SELECT 'a\n;\n--b';", "x"}},
		{"blob", "SELECT x'3b', X'3B'; x", []string{"SELECT x'3b', X'3B';", "x"}},
		{"first token", "'a;';[b;];x';';", []string{"'a;';", "[b;];", "x';';"}},

		{"comment in statement", "SELECT 1 -- it's; \n, 2; x", []string{"SELECT 1 -- it's; \n, 2;", "x"}},
		{"block comment in statement", "SELECT /* ' ; */ 1; x", []string{"SELECT /* ' ; */ 1;", "x"}},
		{"block comments do not nest", "SELECT /* /* ; */ 1; */ x", []string{"SELECT /* /* ; */ 1;", "*/ x"}},
		{"slash star slash", "SELECT /*/ ; */ 1; x", []string{"SELECT /*/ ; */ 1;", "x"}},
		{"many stars", "/***/ SELECT /**/ 1 /****; ***/; x", []string{"SELECT /**/ 1 /****; ***/;", "x"}},
		{"dashes in block comment", "/* -- */ a; -- /* \n b; /* \n-- */ c", []string{"a;", "b;", "c"}},
		{"minus", "SELECT 1 - -1; x", []string{"SELECT 1 - -1;", "x"}},
		{"minus minus", "SELECT 1--1; x", []string{"SELECT 1"}},
		{"division", "SELECT 4/2*1; x", []string{"SELECT 4/2*1;", "x"}},
		{"JSON arrows", "SELECT a->'$.b;'->>'c'; x", []string{"SELECT a->'$.b;'->>'c';", "x"}},
		{"comment at the end is not closed", "SELECT 1; /* a;", []string{"SELECT 1;"}},
		{"comment in the last statement is not closed", "SELECT 1 /* a;", []string{"SELECT 1"}},
		{"comment ends on a star", "SELECT 1; /* a *", []string{"SELECT 1;"}},
		{"slash star alone is no comment", "SELECT 1; /*", []string{"SELECT 1;", "/*"}},
		{"slash star alone in a statement", "SELECT 1 /*", []string{"SELECT 1 /*"}},
		{"dashes alone", "SELECT 1; --", []string{"SELECT 1;"}},
		{"one dash", "SELECT 1; -", []string{"SELECT 1;", "-"}},
		{"line comment ends at LF only", "a -- \f\v;\n; x", []string{"a -- \f\v;\n;", "x"}},

		{"variable with a semicolon", "SELECT $a(;), @b::c(';), :d(\";), #e(;); x", []string{"SELECT $a(;), @b::c(';), :d(\";), #e(;);", "x"}},
		{"variable with a blank", "SELECT $a( ;) x", []string{"SELECT $a( ;", ") x"}},
		{"call of an identifier with a dollar", "SELECT a$b(';'); x", []string{"SELECT a$b(';');", "x"}},
		{"call after digits", "SELECT 1$b(';'); x", []string{"SELECT 1$b(';');", "x"}},
		{"dollar after a numbered variable", "SELECT ?1$a(;); x", []string{"SELECT ?1$a(;);", "x"}},
		{"dollar after a letter beyond ASCII", "SELECT é$a(';'); x", []string{"SELECT é$a(';');", "x"}},
		{"dollar after a byte order mark", "SELECT \uFEFF$a(;); x", []string{"SELECT \uFEFF$a(;);", "x"}},
		{"dollar after a mark in a name", "SELECT a\uFEFF$a(';'); x", []string{"SELECT a\uFEFF$a(';');", "x"}},
		{"dollar after two marks", "SELECT \uFEFF\uFEFF$a(;); x", []string{"SELECT \uFEFF\uFEFF$a(;);", "x"}},
		{"first token a variable", "?1$a(;); x", []string{"?1$a(;);", "x"}},
		{"dollar alone", "SELECT $(';'); x", []string{"SELECT $(';');", "x"}},

		{"byte order mark between statements", "a;\uFEFFb", []string{"a;", "b"}},
		{"vertical tab after a blank", "a; \vb", []string{"a;", "b"}},
		{"vertical tab alone is refused by the engine", "a;\vb", []string{"a;", "\vb"}},
		{"no-break space is a letter", "a;\u00a0b", []string{"a;", "\u00a0b"}},
		{"illegal bytes", "a \\ { } ^; b", []string{"a \\ { } ^;", "b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, texts(t, test.script)); diff != "" {
				t.Errorf("statements of %q (-want +got):\n%s", test.script, diff)
			}
		})
	}
}

// TestTriggers holds where triggers end. Behind each script stands one more
// statement, which must be found.
func TestTriggers(t *testing.T) {
	one := []string{
		"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;",
		"create temp trigger t after insert on a begin select 1; select 2; end;",
		"CREATE TEMPORARY TRIGGER IF NOT EXISTS t DELETE ON a BEGIN SELECT 1;\n\tEND ;",
		"CREATE /* ; */ TEMP -- ;\n TRIGGER t INSERT ON a BEGIN SELECT 1; /* ; */ END -- ;\n;",
		"EXPLAIN CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; END;",
		"EXPLAIN QUERY PLAN CREATE TEMP TRIGGER t INSERT ON a BEGIN SELECT 1; END;",
		"CREATE TRIGGER t INSERT ON a WHEN CASE 1 WHEN 1 THEN 1 END BEGIN SELECT CASE WHEN 1 THEN ';' ELSE 2 END; SELECT CASE 1 WHEN 2 THEN 3 END; END;",
		"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1 AS 'end'; SELECT \"end\"; SELECT [end;]; END;",
		"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; \"END\"; END;",
		"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; END$; END_; ENDE; END;",
		"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1;; END;",
		"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; \vEND;",
		"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1;\uFEFFEND;",
		"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; END\uFEFF; END;", // a name, here
		"CREATE \uFEFF TRIGGER t INSERT ON a BEGIN SELECT 1; END;",
		"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; END x; END;",
		"EXPLAIN virtual CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; END;", // as sqlite3_complete has it
		// Virtual tables.
		"CREATE VIRTUAL TABLE v USING fts5(a, ;, (;), b=';)');",
		"EXPLAIN CREATE VIRTUAL /* ( */ TABLE IF NOT EXISTS v USING m ( ; ) ;",
		"CREATE VIRTUAL TABLE v USING m;",
		"CREATE VIRTUAL TABLE v USING m());",
		"CREATE TABLE virtual(;",
		// Not triggers.
		"CREATE TABLE trigger(a, b);",
		"CREATE TABLE t(a DEFAULT 'CREATE TRIGGER');",
		"CREATE 'TRIGGER' x;",
		"CREATE INDEX trigger ON t(a);",
		"CREATE UNIQUE TRIGGER x;",
		"EXPLAIN SELECT 1;",
		"SELECT create trigger;",
		"EXPLAIN EXPLAIN CREATE TRIGGER x;",
		"EXPLAIN SELECT :create trigger;",
		"DROP TRIGGER t;",
		"BEGIN;",
		"END;",
		"TEMP TRIGGER;",
	}
	for _, trigger := range one {
		script := "SELECT 0; " + trigger + " SELECT 'behind'"
		want := []string{"SELECT 0;", trigger, "SELECT 'behind'"}
		if diff := cmp.Diff(want, texts(t, script)); diff != "" {
			t.Errorf("statements of %q (-want +got):\n%s", script, diff)
		}
	}
}

// TestPlaces holds lines and columns, which count characters, and offsets,
// which count bytes of the normalised text.
func TestPlaces(t *testing.T) {
	tests := []struct {
		name   string
		script string
		want   []string
	}{
		{"first", "a;", []string{"1:1 0-2 a;"}},
		{"indented", "  a; b;\n\tc", []string{"1:3 2-4 a;", "1:6 5-7 b;", "2:2 9-10 c"}},
		{"characters", "'äß€𝄞'; b;\n/*ü*/ c;", []string{"1:1 0-14 'äß€𝄞';", "1:9 15-17 b;", "2:7 25-27 c;"}},
		{"in a comment", "/* 1\n2 */ a; -- 2\nb;", []string{"2:6 10-12 a;", "3:1 18-20 b;"}},
		{"in a string", "'\n\n'; b", []string{"1:1 0-5 '\n\n';", "3:4 6-7 b"}},
		{"CRLF", "a;\r\nb;\r\n\r\nc;", []string{"1:1 0-2 a;", "2:1 3-5 b;", "4:1 7-9 c;"}},
		{"CR", "a;\rb;\r\rc;", []string{"1:1 0-2 a;", "2:1 3-5 b;", "4:1 7-9 c;"}},
		{"a mix", "a;\n\rb;\r\n\nc;\r", []string{"1:1 0-2 a;", "3:1 4-6 b;", "5:1 8-10 c;"}},
		{"CRLF in a string", "'\r\n\r';\r\nb", []string{"1:1 0-5 '\n\n';", "4:1 6-7 b"}},
		{"CR ends a comment", "-- a\rb;", []string{"2:1 5-7 b;"}},
		{"byte order mark", "\uFEFFa;\uFEFFb;", []string{"1:1 0-2 a;", "1:4 5-7 b;"}},
		{"two byte order marks", "\uFEFF\uFEFFa;", []string{"1:2 3-5 a;"}},
		{"only a byte order mark", "\uFEFF", nil},
		{"the end with comments", "a -- b\n ", []string{"1:1 0-8 a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, st := range scanAll(New(strings.NewReader(test.script), SQLite)).Statements {
				got = append(got, fmt.Sprintf("%d:%d %d-%d %s", st.Line, st.Column, st.Offset, st.End, st.Text))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("places in %q (-want +got):\n%s", test.script, diff)
			}
		})
	}
}

// TestErrors holds what is refused and where it is said to be. Statements
// before that place are found.
func TestErrors(t *testing.T) {
	tests := []struct {
		name   string
		script string
		want   []string
	}{
		{"NUL", "a; b\x00;", []string{"a;", "line 1, column 5: contains a NUL byte"}},
		{"NUL behind a statement", "a;\x00", []string{"a;", "line 1, column 3: contains a NUL byte"}},
		{"NUL first", "\x00", []string{"line 1, column 1: contains a NUL byte"}},
		{"NUL behind a byte order mark", "\uFEFF\x00", []string{"line 1, column 1: contains a NUL byte"}},
		{"NUL in a comment", "a;\r\n-- é\x00", []string{"a;", "line 2, column 5: contains a NUL byte"}},
		{"NUL in a string", "'\x00'", []string{"line 1, column 2: contains a NUL byte"}},
		{"NUL behind a trigger", "CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; END;\x00",
			[]string{"CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; END;", "line 1, column 50: contains a NUL byte"}},
		{"Latin-1", "a;\nSELECT 'caf\xe9';", []string{"a;", "line 2, column 12: is not valid UTF-8"}},
		{"surrogate", "\xed\xa0\x80", []string{"line 1, column 1: is not valid UTF-8"}},
		{"overlong", "a\xc0\x80", []string{"line 1, column 2: is not valid UTF-8"}},
		{"stray continuation", "'é\xa9'", []string{"line 1, column 3: is not valid UTF-8"}},
		{"cut off at the end", "a; é\xe2\x82", []string{"a;", "line 1, column 5: is not valid UTF-8"}},
		{"cut off before a NUL", "\xe2\x82\x00", []string{"line 1, column 1: is not valid UTF-8"}},
		{"cut off byte order mark", "\xef\xbb", []string{"line 1, column 1: is not valid UTF-8"}},
		{"UTF-16", "\xff\xfea\x00", []string{"line 1, column 1: is not valid UTF-8"}},
		{"the first of two", "\xff\x00", []string{"line 1, column 1: is not valid UTF-8"}},

		{"string", "a;\n b 'it''s; ", []string{"a;", "line 2, column 4: has a string that is not closed"}},
		{"only a quote", "'", []string{"line 1, column 1: has a string that is not closed"}},
		{"odd quotes", "x '''", []string{"line 1, column 3: has a string that is not closed"}},
		{"double quote", "é \"a;", []string{"line 1, column 3: has a quoted name that is not closed"}},
		{"backtick", "SELECT `a``", []string{"line 1, column 8: has a quoted name that is not closed"}},
		{"bracket", "SELECT\n[a;", []string{"line 2, column 1: has a quoted name that is not closed"}},
		{"blob", "x'00;", []string{"line 1, column 1: has a blob literal that is not closed"}},
		{"empty blob", "x'", []string{"line 1, column 1: has a blob literal that is not closed"}},
		{"in a trigger", "CREATE TRIGGER t\nBEGIN SELECT 'END; END;", []string{"line 2, column 14: has a string that is not closed"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, texts(t, test.script)); diff != "" {
				t.Errorf("statements of %q (-want +got):\n%s", test.script, diff)
			}
		})
	}
}

// TestReaderError holds that a reader's error can be recognised and has a
// place, and that a broken reader is not waited for.
func TestReaderError(t *testing.T) {
	broken := errors.New("disk on fire")
	s := New(io.MultiReader(strings.NewReader("a;\nb"), iotest.ErrReader(broken)), SQLite)
	got := scanAll(s)
	if len(got.Statements) != 1 || got.Err != "line 2, column 2: cannot read the text: disk on fire" {
		t.Errorf("got %+v", got)
	}
	var problem *Error
	if !errors.Is(s.Err(), broken) || !errors.As(s.Err(), &problem) {
		t.Errorf("error is %#v", s.Err())
	}
	if s.Scan() {
		t.Error("goes on after an error")
	}
	s = New(stalled{}, SQLite)
	if s.Scan() || !errors.Is(s.Err(), io.ErrNoProgress) {
		t.Errorf("error of a reader that gives nothing: %v", s.Err())
	}
}

type stalled struct{}

func (stalled) Read([]byte) (int, error) { return 0, nil }

// TestSum holds that Sum is that of the normalised text up to a statement's
// end, whenever and however often it is asked for.
func TestSum(t *testing.T) {
	script := "\uFEFF-- one\r\nSELECT 'a\rb';\r\n;;SELECT 2 ;/* c */ SELECT 3 -- d\r\n"
	plain := "-- one\nSELECT 'a\nb';\n;;SELECT 2 ;/* c */ SELECT 3 -- d\n"
	s := New(strings.NewReader(script), SQLite)
	if s.Sum() != sha256.Sum256(nil) {
		t.Error("sum before the first statement")
	}
	for s.Scan() {
		if s.SumBefore() != sha256.Sum256([]byte(plain[:s.Statement().Offset])) {
			t.Errorf("sum before %d", s.Statement().Offset)
		}
		want := sha256.Sum256([]byte(plain[:s.Statement().End]))
		for range 2 { // asking changes nothing
			if s.Sum() != want {
				t.Errorf("sum at %d", s.Statement().End)
			}
		}
	}
	if s.Scan() || s.Sum() != sha256.Sum256([]byte(plain)) {
		t.Error("sum of all")
	}
	s = New(strings.NewReader(script), SQLite)
	for s.Scan() {
	}
	if s.Sum() != sha256.Sum256([]byte(plain)) {
		t.Error("sum of all, asked for once")
	}
	if s.Size() != int64(len(plain)) {
		t.Errorf("size %d, want %d", s.Size(), len(plain))
	}
}

// TestAppend holds that a caller may append to a statement's text, for instance
// a NUL, without harm to the next one.
func TestAppend(t *testing.T) {
	s := New(strings.NewReader("SELECT 1;SELECT 2 -- end"), SQLite)
	for s.Scan() {
		_ = append(s.Statement().Text, "xxx"...)
		if _, number, _ := bytes.Cut(s.Statement().Text, []byte("SELECT ")); number[0] != '1' && number[0] != '2' {
			t.Errorf("statement %q", s.Statement().Text)
		}
	}
	if s.Sum() != sha256.Sum256([]byte("SELECT 1;SELECT 2 -- end")) {
		t.Error("the text has been changed")
	}
}

// TestComment holds what is taken for a script's leading comment.
func TestComment(t *testing.T) {
	long := "-- " + strings.Repeat("é", maxComment)
	tests := []struct{ script, want string }{
		{"", ""},
		{"SELECT 1; -- no", ""},
		{"-- fastmigrate: no-transaction\nSELECT 1;", "-- fastmigrate: no-transaction"},
		{"\uFEFF\r\n  -- a\r\n\r\n/* b\r\n */ -- c\r\n  SELECT 1; -- d", "-- a\n\n/* b\n */ -- c"},
		{"-- a\n; -- b\nSELECT 1", "-- a"},
		{"-- only", "-- only"},
		{"/* open", "/* open"},
		{"/*", ""},
		{long, long[:maxComment-1]},
		{"-- a" + strings.Repeat(" ", 2*maxComment) + "\n-- b", "-- a" + strings.Repeat(" ", maxComment-4)},
	}
	for _, test := range tests {
		for _, size := range []int{8, bufferSize} {
			s := newSize(strings.NewReader(test.script), SQLite, size)
			for s.Scan() {
			}
			if s.Comment() != test.want {
				t.Errorf("comment of %.40q is %.40q, want %.40q", test.script, s.Comment(), test.want)
			}
		}
	}
}

// TestUnknownDialect holds that a dialect that does not exist is noticed at
// once.
func TestUnknownDialect(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	New(bytes.NewReader(nil), Dialect(200))
}
