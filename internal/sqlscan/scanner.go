package sqlscan

import (
	"io"
	"unicode/utf8"
)

// bufferSize is what a Scanner reads at once, but for small scripts, and as long
// as no statement is larger than half of it. It fits the second-level cache of a processor, so
// that the passes over it (validation, hashing, scanning) do not wait for
// memory.
const bufferSize = 128 << 10

// maxComment is how much of a script's leading comment is kept.
const maxComment = 4 << 10

// Scanner reads the statements of a script one after the other, like
// [bufio.Scanner]. Its memory is one buffer of at most 128 KiB, or up to four
// times the largest statement if that is more.
type Scanner struct {
	in      *input
	syntax  syntax
	split   splitter
	at      int // index in in.buf behind the current statement
	stmt    Statement
	leading []byte // what stands before the first statement, up to maxComment
	begun   bool   // the first statement has been reached
	done    bool
	err     error
}

// Statement is one statement of a script. Its Text is valid until the next
// call of Scan.
type Statement struct {
	// Text goes from the statement's first token through its last, without
	// the blanks and comments around it. The semicolon that ends it is part of
	// it; the last statement of a script may have none.
	Text []byte

	// Line and Column are those of the first token, 1-based. The column counts
	// characters.
	Line, Column int

	// Offset and End are byte offsets in the normalised text: of the first
	// token, and just after the semicolon. If there is no semicolon, End is
	// the end of the text, with whatever comments stand before it.
	Offset, End int64

	// Terminated says that Text ends with the semicolon that ends the
	// statement, so that a further statement could follow.
	Terminated bool
}

// New returns a Scanner of the script that r yields. It reads nothing yet.
func New(r io.Reader, d Dialect) *Scanner {
	return newSize(r, d, bufferSize)
}

// newSize is New with another size of the buffer, for tests of its borders.
func newSize(r io.Reader, d Dialect, size int) *Scanner {
	syntax := d.syntax()
	return &Scanner{in: newInput(r, size), syntax: syntax, split: syntax.splitter()}
}

// Scan goes to the next statement. It returns false at the end of the text or
// when an error keeps it from going on, which Err tells apart. Empty
// statements and what only consists of comments are passed over. Statements
// that are complete before the place of an error are still found.
func (s *Scanner) Scan() bool {
	if s.done || !s.skipGap() {
		return false
	}
	s.in.advance(s.at)
	s.stmt = Statement{
		Line:   s.in.place.line + 1,
		Column: s.in.place.column + 1,
		Offset: s.in.base + int64(s.at),
	}
	for from := 0; ; {
		eof := s.in.eof()
		size, done, problem := s.split.statement(s.in.text()[s.at:], from, eof)
		switch {
		case problem != "":
			s.in.advance(s.at + size)
			return s.fail(s.in.problem(problem, nil))
		case done || eof:
			text := s.in.text()[s.at : s.at+size]
			s.at += size
			s.stmt.Text, s.stmt.Terminated = s.trim(text, done), done
			s.stmt.End = s.in.base + int64(s.at)
			return true
		}
		if !s.in.more(s.at) && !s.in.eof() {
			return s.fail(s.in.failure())
		}
		s.at, from = 0, size
	}
}

// skipGap goes to the beginning of the next statement and reports whether
// there is one.
func (s *Scanner) skipGap() bool {
	for {
		eof := s.in.eof()
		size, found := s.split.gap(s.in.text()[s.at:], eof)
		if room := maxComment - len(s.leading); !s.begun && room > 0 {
			s.leading = append(s.leading, s.in.text()[s.at:s.at+min(size, room)]...)
		}
		s.at += size
		if found {
			s.begun = true
			return true
		}
		if eof {
			s.stmt, s.done = Statement{}, true
			return false
		}
		if !s.in.more(s.at) && !s.in.eof() {
			return s.fail(s.in.failure())
		}
		s.at = 0
	}
}

// fail ends the scan with an error.
func (s *Scanner) fail(err error) bool {
	s.stmt, s.done, s.err = Statement{}, true, err
	return false
}

// trim cuts off the blanks and comments behind the last token of a statement
// that ended with the text. Finding them needs another look at all its tokens,
// but only the last statement of a script can be such.
func (s *Scanner) trim(text []byte, terminated bool) []byte {
	if terminated {
		return text[:len(text):len(text)]
	}
	last := 0
	for at := 0; at < len(text); {
		kind, size := s.syntax.token(text[at:], true)
		at += size
		if kind < blank {
			last = at
		}
	}
	return text[:last:last]
}

// Statement returns the current statement. The same value is used for the next
// one.
func (s *Scanner) Statement() *Statement { return &s.stmt }

// Err returns the [*Error] that ended the scan, nil if it was the end of the
// text or the scan has not ended.
func (s *Scanner) Err() error { return s.err }

// Sum returns the SHA-256 of the normalised text from its beginning up to the
// End of the current statement, or, after Scan has returned false without
// error, of all of it. It can be called at any time without changing what
// later calls return. After an error it means nothing.
func (s *Scanner) Sum() [32]byte { return s.in.sum(s.at) }

// Comment returns the comments at the very beginning of the text, before the
// first statement, as they are written and with the blanks between them. They
// may hold directives. Only the first 4 KiB of the text are looked at. It is
// known once Scan has been called; an error before the first statement cuts it
// short.
func (s *Scanner) Comment() string {
	start, end := -1, 0
	for at := 0; at < len(s.leading); {
		kind, size := s.syntax.token(s.leading[at:], true)
		if kind < blank {
			break // the semicolon of an empty statement
		}
		if kind == comment {
			if start < 0 {
				start = at
			}
			end = at + size
		}
		at += size
	}
	if start < 0 {
		return ""
	}
	text := s.leading[start:end]
	for len(text) > 0 && !utf8.Valid(text) {
		text = text[:len(text)-1] // cut through a character at the limit
	}
	return string(text)
}
