package sqlite

import (
	"bytes"
	"encoding/hex"
	"strconv"
)

// maxBound is how many values of a row are bound at most, and maxBoundText how
// large the statement may be: for larger ones memory would be kept.
const (
	maxBound     = 200
	maxBoundText = 64 << 10
)

// constant is one value of a row, as it is written.
type constant struct {
	kind constantKind
	text []byte
}

type constantKind uint8

const (
	constantNull constantKind = iota
	constantInteger
	constantReal
	constantString
	constantQuoting // a string in which quotes stand doubled
	constantBlob
)

// constants reads what follows the opening parenthesis of an INSERT's values, and
// appends it to row. It says false where that is anything but one row of
// constants that can be bound to parameters without a difference: an expression,
// a further row, a clause behind it, a number too large for an integer.
func constants(text []byte, row []constant) ([]constant, bool) {
	if len(text) > maxBoundText {
		return row, false
	}
	for at := 0; len(row) < maxBound; {
		at = skipBlanks(text, at)
		kind, size := constantAt(text[at:])
		if size == 0 {
			return row, false
		}
		row = append(row, constant{kind, text[at : at+size]})
		at = skipBlanks(text, at+size)
		switch {
		case at == len(text):
			return row, false
		case text[at] == ')':
			at = skipBlanks(text, at+1)
			return row, at == len(text) || text[at] == ';' && at+1 == len(text)
		case text[at] != ',':
			return row, false
		}
		at++
	}
	return row, false
}

// skipBlanks returns the index of the first byte from at on that is not blank.
func skipBlanks(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t') {
		at++
	}
	return at
}

// constantAt returns the kind and the size of the constant at the beginning of
// text. The size is 0 where there is none. What follows it is the caller's to
// look at: a letter there makes it something else.
func constantAt(text []byte) (constantKind, int) {
	if len(text) == 0 {
		return 0, 0
	}
	switch c := text[0]; {
	case c == '\'':
		return stringAt(text)
	case c == '-' || c == '.' || isDigit(c):
		return numberAt(text)
	case c == 'x' || c == 'X':
		if len(text) > 1 && text[1] == '\'' {
			return blobAt(text)
		}
	case startsWith(text, "null"):
		return constantNull, len("null")
	}
	return 0, 0
}

func stringAt(text []byte) (constantKind, int) {
	kind := constantString
	for at := 1; ; kind = constantQuoting {
		end := bytes.IndexByte(text[at:], '\'')
		if end < 0 {
			return 0, 0
		}
		at += end + 1
		if at == len(text) || text[at] != '\'' {
			return kind, at
		}
		at++
	}
}

func blobAt(text []byte) (constantKind, int) {
	size := bytes.IndexByte(text[len("x'"):], '\'')
	if size < 0 || size%2 != 0 {
		return 0, 0
	}
	return constantBlob, len("x'") + size + len("'")
}

// maxDigits is how many digits a number may have that fits into 64 bits.
const maxDigits = 18

func numberAt(text []byte) (constantKind, int) {
	sign := 0
	if text[0] == '-' {
		sign = 1
	}
	at := skipDigits(text, sign)
	kind, count := constantInteger, at-sign
	if at < len(text) && text[at] == '.' {
		end := skipDigits(text, at+1)
		kind, count, at = constantReal, count+end-at-1, end
	}
	if count == 0 || kind == constantInteger && count > maxDigits {
		return 0, 0
	}
	if at < len(text) && (text[at] == 'e' || text[at] == 'E') {
		exponent := at + 1
		if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
			exponent++
		}
		if end := skipDigits(text, exponent); end > exponent {
			kind, at = constantReal, end
		}
	}
	return kind, at
}

func skipDigits(text []byte, at int) int {
	for at < len(text) && isDigit(text[at]) {
		at++
	}
	return at
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// value returns what is bound for the constant. A real number is bound as its
// text: only the engine reads it as the engine does. It says false for a blob
// that is none.
func (c constant) value() (any, bool) {
	switch c.kind {
	case constantInteger:
		n, err := strconv.ParseInt(string(c.text), 10, 64)
		return n, err == nil
	case constantReal:
		return string(c.text), true
	case constantString:
		return string(c.text[1 : len(c.text)-1]), true
	case constantQuoting:
		return string(bytes.ReplaceAll(c.text[1:len(c.text)-1], []byte("''"), []byte("'"))), true
	case constantBlob:
		digits := c.text[len("x'") : len(c.text)-1]
		blob := make([]byte, hex.DecodedLen(len(digits)))
		_, err := hex.Decode(blob, digits)
		return blob, err == nil
	}
	return nil, true
}
