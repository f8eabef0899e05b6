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
	mode    Mode
	at      int // index in in.buf behind the current statement
	stmt    Statement
	data    *inlineData // what follows the current statement, nil if nothing does
	leading []byte      // what stands before the first statement, up to maxComment
	begun   bool        // the first statement has been reached
	done    bool
	err     error
}

// Statement is one statement of a script. Its Text is valid until the next
// call of Scan.
type Statement struct {
	// Text goes from the statement's first token through its last, without
	// the blanks and comments around it. The semicolon that ends it is part of
	// it; the last statement of a script may have none. A delimiter set by
	// MySQL's DELIMITER is not part of it, and what stands between that and the
	// last token neither. Executable comments of MySQL are not taken for
	// comments: they are part of it with their marks.
	Text []byte

	// Line and Column are those of the first token, 1-based. The column counts
	// characters.
	Line, Column int

	// Offset and End are byte offsets in the normalised text: of the first
	// token, and just after the semicolon or other delimiter. If there is none,
	// End is the end of the text, with whatever comments stand before it. For
	// data behind the statement, see [Scanner.Data].
	Offset, End int64

	// Terminated says that the statement has been ended by a semicolon, which
	// is the last of Text, or by another delimiter, so that a further statement
	// could follow.
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
	if s.done || s.data != nil && !s.skipData() || !s.skipGap() {
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
			cut, data := 0, false
			if done {
				cut, data = s.split.ending()
			}
			s.stmt.Text, s.stmt.Terminated = s.trim(text[:size-cut], done), done
			s.stmt.End = s.in.base + int64(s.at)
			if data {
				s.data = &inlineData{s: s, start: s.in.place}
			}
			return true
		}
		if !s.in.more(s.at) && !s.in.eof() {
			return s.fail(s.in.failure())
		}
		s.at, from = 0, size
	}
}

// skipData passes over what has not been read of the data behind the current
// statement. It returns false if the data has no end.
func (s *Scanner) skipData() bool {
	err := s.data.discard()
	s.data = nil
	return err == nil || s.fail(err)
}

// skipGap goes to the beginning of the next statement and reports whether
// there is one.
func (s *Scanner) skipGap() bool {
	var opened place // of a comment that is open
	for open := false; ; {
		eof := s.in.eof()
		size, found, comment := s.split.gap(s.in.text()[s.at:], eof)
		if comment > 0 || comment == 0 && !open {
			s.in.advance(s.at + comment)
			opened = s.in.place
		}
		open = comment >= 0
		if room := maxComment - len(s.leading); !s.begun && room > 0 {
			s.leading = append(s.leading, s.in.text()[s.at:s.at+min(size, room)]...)
		}
		s.at += size
		if found {
			s.begun = true
			return true
		}
		if eof && open {
			return s.fail(&Error{Line: opened.line + 1, Column: opened.column + 1, Msg: unclosedComment})
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

// unclosedComment is what is wrong where comments must be closed.
const unclosedComment = "has a comment that is not closed"

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
	last, next := 0, s.syntax.tokenizer(s.mode)
	for at := 0; at < len(text); {
		kind, size := next(text[at:], true)
		at += size
		if kind < blank || kind == marker {
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
	start, end, next := -1, 0, s.syntax.tokenizer(s.mode)
	for at := 0; at < len(s.leading); {
		kind, size := next(s.leading[at:], true)
		if kind < blank || kind == marker {
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
