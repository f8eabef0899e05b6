package sqlscan

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// dialectPieces are what random scripts of the dialects on a server are made
// of, beside the pieces of SQLite's.
var dialectPieces = map[Dialect][]string{
	PostgreSQL: {"$$", "$a$", "$1", "E'", "\\", "e'\\'", "U&", "U&'", "N'", "/* /*", "*/ */", "'\n'", "'\n-- '\n'", "COPY", "FROM STDIN", "COPY a FROM stdin;\n",
		"\n\\.\n", "\\.\n", "\\restrict a", "\\unrestrict b\n", "\\connect", "CREATE FUNCTION ", "CREATE OR REPLACE PROCEDURE ", "BEGIN ATOMIC ", "AS", "1e", "@", "|", "<"},
	MySQL: {"\\", "\\'", "\\\\", "\\N", "# ", "-- ", "--a", "/*!", "/*!40101", "/*M!100100 ", "/*!999999", "*/", "N'", "@`", "@'", "@@",
		"DELIMITER //\n", "delimiter ;\n", "DELIMITER $$", "//", "$$", "CREATE PROCEDURE p() ", "CREATE TRIGGER a FOR EACH ROW ", "CREATE EVENT e DO ", "BEGIN ", "IF ", "END IF", "THEN ",
		"ELSE ", "LOOP ", "WHILE ", "DO ", "REPEAT ", "UNTIL ", "DECLARE ", "HANDLER FOR ", "NOT ", "ATOMIC ", "l: ", "AS ", "RETURN ", "<<", "PACKAGE "},
}

// dialectScript draws a script of a dialect.
func dialectScript(t *rapid.T, d Dialect) string {
	list := rapid.SliceOfN(rapid.SampledFrom(append(dialectPieces[d], pieces...)), 0, 60).Draw(t, "pieces")
	if rapid.IntRange(0, 9).Draw(t, "how broken") == 0 {
		list = append(list, rapid.SampledFrom(broken).Draw(t, "broken"))
	}
	return strings.Join(list, "")
}

// checkDialect holds what is true of every script: its statements, with what
// stands between them, are the whole of it; neither how it arrives nor the
// size of the buffer changes anything; and Tokens covers every statement.
func checkDialect(t interface {
	Helper()
	Fatalf(string, ...any)
}, script string, d Dialect, m Mode, r io.Reader, size int) {
	t.Helper()
	whole := newSize(strings.NewReader(script), d, 4*len(script)+64)
	whole.SetMode(m)
	want := scanAll(whole)
	parts := newSize(r, d, size)
	parts.SetMode(m)
	if diff := cmp.Diff(want, scanAll(parts)); diff != "" {
		t.Fatalf("scan of %q with a buffer of %d (-whole +parts):\n%s", script, size, diff)
	}
	text := strings.TrimPrefix(strings.ReplaceAll(strings.ReplaceAll(script, "\r\n", "\n"), "\r", "\n"), byteOrderMark)
	end := int64(0)
	for i, st := range want.Statements {
		if st.Offset < end || st.End < st.Offset+int64(len(st.Text)) || !strings.HasPrefix(text[st.Offset:st.End], st.Text) {
			t.Fatalf("statement %d of %q is %+v", i, script, st)
		}
		line, column := Position([]byte(text), int(st.Offset))
		if st.Text == "" || line+1 != st.Line || column+1 != st.Column {
			t.Fatalf("statement %d of %q is %+v, but lies in line %d, column %d", i, script, st, line+1, column+1)
		}
		if data, found := strings.CutPrefix(st.Data, "|"); found && want.Err == "" && !strings.Contains(text[st.Offset+int64(len(st.Text)):st.End], "\n"+data+"\\.") {
			t.Fatalf("statement %d of %q has the data %q", i, script, data)
		}
		end = st.End
		at := 0
		for token := range TokensMode([]byte(st.Text), d, m) {
			if token.Offset < at || len(token.Text) == 0 || !strings.HasPrefix(st.Text[token.Offset:], string(token.Text)) {
				t.Fatalf("token %q at %d of %q", token.Text, token.Offset, st.Text)
			}
			at = token.Offset + len(token.Text)
			Unquote(token)
		}
		// MySQL's -- is two signs or a comment by what follows, which is cut off.
		if at != len(st.Text) && (d != MySQL || !strings.HasSuffix(st.Text, "*/") && !strings.HasSuffix(st.Text, "--")) {
			t.Fatalf("statement %d of %q ends in no token: %q", i, script, st.Text)
		}
	}
}

// TestDialects is checkDialect for scripts of pieces.
func TestDialects(t *testing.T) {
	for d, name := range map[Dialect]string{PostgreSQL: "PostgreSQL", MySQL: "MySQL"} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				script := dialectScript(t, d)
				m := Mode(0)
				if d == MySQL {
					m = Mode(rapid.IntRange(0, 3).Draw(t, "mode"))
				}
				var r io.Reader = strings.NewReader(script)
				switch rapid.IntRange(0, 2).Draw(t, "reader") {
				case 0:
					r = iotest.OneByteReader(r)
				case 1:
					r = &chunks{text: []byte(script), sizes: rapid.SliceOfN(rapid.IntRange(0, 9), 1, 20).Draw(t, "sizes")}
				}
				checkDialect(t, script, d, m, r, rapid.SampledFrom([]int{8, 9, 11, 16, 24, 64, bufferSize}).Draw(t, "buffer"))
			})
		})
	}
}

// TestDialectTokens holds that tokens cover a text, and that a token found
// before the end of what has been read is the one found when all has been.
func TestDialectTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]Dialect{PostgreSQL, MySQL}).Draw(t, "dialect")
		text := []byte(dialectScript(t, d))
		lexer := mysqlLexer{mode: Mode(rapid.IntRange(0, 3).Draw(t, "mode")), start: true}
		for at := 0; at < len(text); {
			// A lexer may change with every token, and is copied for each.
			from := func() tokenizer {
				if d == PostgreSQL {
					return postgresToken
				}
				l := lexer
				return l.token
			}
			next := tokenizer(postgresToken)
			kind, size := from()(text[at:], true)
			if size <= 0 || at+size > len(text) {
				t.Fatalf("token of size %d at %d of %q", size, at, text)
			}
			for end := at; end <= len(text); end++ {
				if early, n := from()(text[at:end], false); n != 0 && (n != size || early != kind) && utf8.Valid(text[at:end]) {
					t.Fatalf("token at %d of %q is %d, %d, of the first %d bytes %d, %d", at, text, kind, size, end, early, n)
				}
			}
			if d == MySQL {
				next = lexer.token
			}
			next(text[at:], true)
			at += size
		}
	})
}

// fuzzDialect is checkDialect for what a fuzzer makes of real scripts.
func fuzzDialect(f *testing.F, d Dialect, folder string) {
	f.Add(readScript(f, folder+"/schema.sql"), uint8(16), uint8(0))
	f.Add(strings.Join(dialectPieces[d], " "), uint8(8), uint8(1))
	f.Fuzz(func(t *testing.T, script string, size, mode uint8) {
		if bytes.ContainsRune([]byte(script), 0) || !utf8.ValidString(script) {
			t.Skip("not a text")
		}
		checkDialect(t, script, d, Mode(mode%4), strings.NewReader(script), max(8, int(size)))
	})
}

func FuzzPostgreSQL(f *testing.F) { fuzzDialect(f, PostgreSQL, "postgres") }

func FuzzMySQL(f *testing.F) { fuzzDialect(f, MySQL, "mysql") }
