package configparser

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isSpace reports whether Python's str.isspace holds: what unicode.IsSpace
// knows, and the four separators of ASCII.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}

// indentation counts the characters, not the columns, before a line's text: a
// tab is as deep as a space.
func indentation(line string) int {
	text := strings.TrimLeftFunc(line, isSpace)
	return utf8.RuneCountInString(line[:len(line)-len(text)])
}

// quote makes a part of a file fit for an error: on one line, and short even if
// the file is a picture.
func quote(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}
