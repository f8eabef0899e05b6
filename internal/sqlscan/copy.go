package sqlscan

import (
	"bytes"
	"io"
	"math"
)

// Data returns a reader of the data that follows the current statement, COPY …
// FROM STDIN as PostgreSQL's pg_dump writes it: the lines from the next one
// down to one that consists of \. alone, which is not part of it. It is nil
// for every other statement.
//
// Its memory is the Scanner's buffer, however long the lines are. The first
// line of it is the one below that of the statement's last character. A text
// that ends without \. is an error at the place of the statement, which Err
// gives too. The next call of Scan passes over what has not been read, and
// ends the reader.
//
// The data is part of the script for Sum, Size and the statement's End, from
// the moment that it has been read. SumBefore is to be called before that.
func (s *Scanner) Data() io.Reader {
	if s.data == nil {
		return nil
	}
	if !s.data.lent {
		s.data.lent = true
		s.stmt.Text = bytes.Clone(s.stmt.Text) // the buffer is going to move
	}
	return s.data
}

// inlineData reads the data behind a statement.
type inlineData struct {
	s         *Scanner
	start     place // of the statement
	lent      bool  // the caller has it
	headed    bool  // the line of the statement itself lies behind
	comment   bool  // inside a comment on that line
	lineBegun bool  // the next byte is not the first of its line
	err       error // what every further Read returns
}

// missingEnd is what is wrong with a script that ends in such data.
const missingEnd = `has COPY … FROM STDIN without a line \. behind its data`

// Read returns whole lines if p has room for them.
func (d *inlineData) Read(p []byte) (int, error) {
	if len(p) == 0 && d.err == nil {
		return 0, nil
	}
	text, err := d.next(len(p))
	if err != nil {
		return 0, err
	}
	n := copy(p, text)
	d.take(n)
	return n, nil
}

// WriteTo writes what has not been read, out of the Scanner's buffer and as much
// at once as lies in it.
func (d *inlineData) WriteTo(w io.Writer) (written int64, err error) {
	for {
		text, err := d.next(math.MaxInt - 2)
		if err == io.EOF {
			return written, nil
		}
		if err != nil {
			return written, err
		}
		n, err := w.Write(text)
		written += int64(n)
		if n > 0 {
			d.take(n)
		}
		if err != nil {
			return written, err
		}
	}
}

// discard passes over what has not been read.
func (d *inlineData) discard() error {
	_, err := d.WriteTo(io.Discard)
	d.err = io.EOF
	return err
}

// next returns up to limit bytes of the data that lies in the window, or, if
// there is none, gets more of it.
func (d *inlineData) next(limit int) ([]byte, error) {
	s := d.s
	for d.err == nil {
		eof := s.in.eof()
		if !d.headed {
			var size int
			size, d.err = d.head(s.in.text()[s.at:], eof)
			s.at += size
		}
		if d.headed {
			// What makes an end at the limit is looked at too, and no more.
			text := s.in.text()[s.at:]
			seen := text[:min(len(text), limit+2)]
			var size int
			if size, d.err = d.usable(seen, eof && len(seen) == len(text)); size > 0 {
				return text[:min(size, limit)], nil
			}
		}
		switch {
		case d.err != nil:
		case eof:
			d.err = &Error{Line: d.start.line + 1, Column: d.start.column + 1, Msg: missingEnd}
		case !s.in.more(s.at) && !s.in.eof():
			d.err = s.in.failure()
		default:
			s.at = 0
		}
		if d.err != nil && d.err != io.EOF {
			s.done, s.err = true, d.err
		}
	}
	return nil, d.err
}

// usable returns how much of text is data. It is 0 if more of the text is
// needed to know. At the end of the data the error is io.EOF.
func (d *inlineData) usable(text []byte, eof bool) (int, error) {
	if !d.lineBegun {
		switch size := len(text); {
		case bytes.HasPrefix(text, []byte("\\.\n")):
			d.end(3)
			return 0, io.EOF
		case eof && string(text) == `\.`:
			d.end(2)
			return 0, io.EOF
		case !eof && size < 3 && string(text) == "\\.\n"[:size]:
			return 0, nil
		}
	}
	if next := bytes.Index(text, []byte("\n\\.")); next >= 0 {
		return next + 1, nil
	}
	if !eof && bytes.HasSuffix(text, []byte("\n\\")) {
		return len(text) - 1, nil
	}
	return len(text), nil
}

// head passes over what stands behind the semicolon: blanks and a comment up to
// the end of the line.
func (d *inlineData) head(text []byte, eof bool) (int, error) {
	at := 0
	for ; !d.comment && at < len(text) && text[at] != '\n'; at++ {
		if postgresClass[text[at]]&space != 0 {
			continue
		}
		if d.comment = bytes.HasPrefix(text[at:], []byte("--")); d.comment {
			break
		}
		if len(text)-at == 1 && text[at] == '-' && !eof {
			return at, nil
		}
		s := d.s
		s.in.advance(s.at + at)
		return at, s.in.problem("has text behind COPY … FROM STDIN on the same line: its data begins on the next", nil)
	}
	end := bytes.IndexByte(text[at:], '\n')
	if end < 0 {
		return len(text), nil
	}
	d.headed = true
	return at + end + 1, nil
}

// take moves the Scanner behind n bytes of the data.
func (d *inlineData) take(n int) {
	d.lineBegun = d.s.in.buf[d.s.at+n-1] != '\n'
	d.s.at += n
}

// end moves the Scanner behind the line that ends the data.
func (d *inlineData) end(size int) {
	d.s.at += size
	d.s.stmt.End = d.s.in.base + int64(d.s.at)
}
