package sqlscan

import (
	"bytes"
	"unicode/utf8"
)

// place is a position in a text by its lines and the characters of a line,
// both counted from 0.
type place struct {
	line, column int
}

// after returns the place that is reached from p by reading text.
func (p place) after(text []byte) place {
	newline := bytes.LastIndexByte(text, '\n')
	if newline < 0 {
		return place{p.line, p.column + utf8.RuneCount(text)}
	}
	return place{
		line:   p.line + 1 + bytes.Count(text[:newline], []byte{'\n'}),
		column: utf8.RuneCount(text[newline+1:]),
	}
}

// Position returns how many lines below the beginning of text the offset lies,
// and how many characters stand before it in its line. Both are 0 for offset
// 0. An offset behind the end of text counts as the end.
//
// To get from there to a place in the script, use [Statement.Position].
func Position(text []byte, offset int) (line, column int) {
	p := place{}.after(text[:min(max(offset, 0), len(text))])
	return p.line, p.column
}

// Position returns the place in the script, 1-based as Line and Column are, of
// an offset within the statement's text, for instance of a [Token].
func (st *Statement) Position(offset int) (line, column int) {
	start := place{st.Line, st.Column}
	p := start.after(st.Text[:min(max(offset, 0), len(st.Text))])
	if p.line > st.Line {
		p.column++
	}
	return p.line, p.column
}
