package sqlscan

import (
	"bytes"
	"io"
	"unicode/utf8"
)

const byteOrderMark = "\uFEFF"

// normalise makes text of what has been read, buf[end:raw], in place. Only the
// bytes of a character that is not complete yet are left over. It stops before
// the first byte that cannot be part of a text and says in bad what it is.
func (in *input) normalise() {
	read := in.buf[in.end:in.raw]
	if nul := bytes.IndexByte(read, 0); nul >= 0 {
		read, in.bad = read[:nul], "contains a NUL byte"
	}
	whole := wholeRunes(read)
	if !utf8.Valid(read[:whole]) {
		whole, in.bad = validPrefix(read), "is not valid UTF-8"
	} else if whole < len(read) && (in.bad != "" || in.err == io.EOF) {
		in.bad = "is not valid UTF-8"
	}
	valid, rest := read[:whole], read[whole:]
	if !in.begun && len(valid) > 0 {
		in.begun = true
		valid = bytes.TrimPrefix(valid, []byte(byteOrderMark))
	}
	if !in.afterCR && len(valid) == whole && bytes.IndexByte(valid, '\r') < 0 {
		in.end += whole // nothing to change: what nearly every text is
		return
	}
	in.end += in.newlines(in.buf[in.end:], valid)
	in.raw = in.end + copy(in.buf[in.end:], rest)
}

// newlines copies text to the front of dst, which it may overlap, with each
// CRLF and each other CR as LF. It returns the size of what it has written. A
// CR and an LF may come in different calls.
func (in *input) newlines(dst, text []byte) int {
	size := 0
	for len(text) > 0 {
		if in.afterCR && text[0] == '\n' {
			text = text[1:]
		}
		in.afterCR = false
		line, after, found := bytes.Cut(text, []byte{'\r'})
		size += copy(dst[size:], line)
		if found {
			dst[size] = '\n'
			size++
			in.afterCR = true
		}
		text = after
	}
	return size
}

// wholeRunes returns the size of text without the bytes of a character at its
// end that is not complete.
func wholeRunes(text []byte) int {
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax); i-- {
		if utf8.RuneStart(text[i]) {
			if utf8.FullRune(text[i:]) {
				break
			}
			return i
		}
	}
	return len(text)
}

// validPrefix returns the size of what comes before the first invalid byte.
func validPrefix(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(text)
}
