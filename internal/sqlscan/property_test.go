package sqlscan

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// pieces are what random scripts are made of: whatever the scanner has a rule
// for, and pieces of it.
var pieces = []string{
	";", ";", ";", "'", "'", "''", "\"", "`", "[", "]", "-", "--", "/", "/*", "*/", "*", " ", " ", "\n", "\n", "\t",
	"\r", "\r\n", "\v", "\f", "$", "$a", "@b", ":", "::", "#", "?", "?1", "(", ")", "->", ">", "1", "0x1", "1e", "+", ".", "_",
	"CREATE", "TEMP", "TRIGGER", "VIRTUAL", "BEGIN", "END", "CASE", "EXPLAIN", "SELECT", "a", "x", "x'00'", "é", "€", "𝄞", "\uFEFF", "ï",
	"CREATE TRIGGER ", "1e+5", "; END", "; END;", "CREATE VIRTUAL ", "'it''s;'", "-- c\n", "/* c */",
}

// broken are the pieces that no text may hold.
var broken = []string{"\x00", "\xff", "\xc3", "\xe2\x82", "\xef\xbb", "\xed\xa0\x80"}

// script draws a script, now and then one that is not a text.
func script(t *rapid.T) []byte {
	list := rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces")
	if rapid.IntRange(0, 4).Draw(t, "how broken") == 0 {
		list = append(list, rapid.SampledFrom(broken).Draw(t, "broken"))
		list = append(list, rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 10).Draw(t, "more pieces")...)
	}
	return []byte(strings.Join(list, ""))
}

// reference scans a script in the plainest way, all of it in memory and token
// by token.
func reference(script []byte) result {
	text, bad := string(script), ""
	for i, r := range text {
		if r == 0 {
			text, bad = text[:i], "contains a NUL byte"
			break
		}
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			text, bad = text[:i], "is not valid UTF-8"
			break
		}
	}
	text = strings.TrimPrefix(text, "\uFEFF")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")

	place := func(at int) (line, column int) {
		before := text[:at]
		start := strings.LastIndex(before, "\n") + 1
		return strings.Count(before, "\n") + 1, len([]rune(before[start:])) + 1
	}
	problem := func(at int, msg string) string {
		line, column := place(at)
		return fmt.Sprintf("line %d, column %d: %s", line, column, msg)
	}

	var r result
	var st *found
	machine, last, comments, between := sqliteMachine{}, 0, true, ""
	for at := 0; at < len(text); {
		kind, size := sqliteToken([]byte(text[at:]), true)
		token := text[at : at+size]
		comments = comments && kind >= blank
		if comments && kind == comment {
			if r.Comment == "" {
				between = ""
			}
			r.Comment, between = r.Comment+between+token, ""
		} else {
			between += token
		}
		if kind < blank && (st != nil || token != ";") {
			if st == nil {
				line, column := place(at)
				st = &found{Line: line, Column: column, Offset: int64(at)}
				machine = sqliteMachine{}
			}
			if msg := unclosed(kind, []byte(token)); msg != "" && bad == "" {
				r.Err = problem(at, msg)
				break
			}
			machine.step(kind, []byte(token))
			last = at + size
		}
		at += size
		if st != nil && (machine.state == ended || at == len(text) && bad == "") {
			st.Text, st.End, st.Terminated = text[st.Offset:last], int64(at), machine.state == ended
			st.Sum = sha256.Sum256([]byte(text[:at]))
			r.Statements = append(r.Statements, *st)
			st = nil
		}
	}
	if bad != "" && r.Err == "" {
		r.Err = problem(len(text), bad)
	}
	if r.Err != "" {
		r.Comment = ""
		return r
	}
	r.Sum = sha256.Sum256([]byte(text))
	return r
}

// TestReference holds that neither how the text arrives nor the size of the
// buffer nor the short cuts of the scanner change what is found: it is what a
// plain reading finds.
func TestReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := script(t)
		var r io.Reader = bytes.NewReader(text)
		switch rapid.IntRange(0, 4).Draw(t, "reader") {
		case 0:
			r = iotest.OneByteReader(r)
		case 1:
			r = iotest.HalfReader(r)
		case 2:
			r = iotest.DataErrReader(r)
		case 3:
			r = &chunks{text: text, sizes: rapid.SliceOfN(rapid.IntRange(0, 9), 1, 20).Draw(t, "sizes")}
		}
		size := rapid.SampledFrom([]int{8, 9, 11, 16, 24, 64, bufferSize}).Draw(t, "buffer")
		got := scanAll(newSize(r, SQLite, size))
		if diff := cmp.Diff(reference(text), got); diff != "" {
			t.Fatalf("scan of %q (-want +got):\n%s", text, diff)
		}
	})
}

// TestReset holds that nothing of a script is left when its scanner goes on to
// another one, whether the first was read to its end or not.
func TestReset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{8, 16, bufferSize}).Draw(t, "buffer")
		s := newSize(bytes.NewReader(script(t)), SQLite, size)
		for range rapid.IntRange(0, 5).Draw(t, "statements") {
			s.Scan()
		}
		text := script(t)
		s.Reset(bytes.NewReader(text))
		if diff := cmp.Diff(reference(text), scanAll(s)); diff != "" {
			t.Fatalf("scan of %q (-want +got):\n%s", text, diff)
		}
	})
}

// chunks is a reader that gives a text in pieces of the given sizes, over and
// over.
type chunks struct {
	text  []byte
	sizes []int
	turn  int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.text) == 0 {
		return 0, io.EOF
	}
	n := min(c.sizes[c.turn%len(c.sizes)], len(c.text), len(p))
	if c.turn++; c.turn%50 == 0 {
		n = 1 // lest a script of sizes 0 never end
	}
	n = copy(p, c.text[:n])
	c.text = c.text[n:]
	return n, nil
}

// TestTokensCover holds that tokens, blanks and comments make up the whole
// text, and that a token found before the end of what has been read is the one
// that is found when all has been read.
func TestTokensCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := script(t)
		for at := 0; at < len(text); {
			kind, size := sqliteToken(text[at:], true)
			if size <= 0 || at+size > len(text) {
				t.Fatalf("token of size %d at %d of %q", size, at, text)
			}
			for end := at; end <= len(text); end++ {
				if !utf8.Valid(text[at:end]) {
					continue // the scanner never sees a part of a character
				}
				early, n := sqliteToken(text[at:end], false)
				if n != 0 && (n != size || early != kind) {
					t.Fatalf("token at %d of %q is %d, %d, of the first %d bytes %d, %d", at, text, kind, size, end, early, n)
				}
			}
			at += size
		}
	})
}
