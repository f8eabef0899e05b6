package sqlite

import (
	"bytes"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// repeats recognises the next of many INSERT statements that begin alike, as
// dumps are made of, without reading its words again. What it says is exactly
// what classify would say.
type repeats struct {
	head   []byte // of the last INSERT of literal rows, through the token behind VALUES
	nature nature
	row    []constant // what the statement gives, where it gives one row of constants behind the head
}

// classify returns what a statement is, and whether it is of the same nature
// and for the same table as the one before.
func (r *repeats) classify(text []byte) (n nature, repeated bool) {
	r.row = r.row[:0]
	if len(r.head) > 0 && bytes.HasPrefix(text, r.head) && (r.oneRow(text[len(r.head):]) || !tellsMore(text[len(r.head):])) {
		return r.nature, true
	}
	n = classify(text)
	r.head = r.head[:0]
	if n.short {
		r.nature = n
		r.head = append(r.head, head(text)...)
	}
	return n, false
}

// oneRow reads what stands behind the head, and says whether it is one row of
// constants.
func (r *repeats) oneRow(rest []byte) bool {
	if r.head[len(r.head)-1] != '(' {
		return false
	}
	row, ok := constants(rest, r.row)
	if ok {
		r.row = row
	}
	return ok
}

// head returns the beginning of an INSERT, through the token behind VALUES.
func head(text []byte) []byte {
	behind := false
	for l := sqlscan.Lex(text, sqlscan.SQLite); l.Next(); {
		t := l.Token
		switch {
		case t.Offset == 0 && !t.Is("INSERT") && !t.Is("REPLACE"):
			return nil
		case behind:
			return text[:t.Offset+len(t.Text)]
		}
		behind = t.Is("VALUES")
	}
	return nil
}

// tellsMore says whether a word may stand in the text, perhaps in a string,
// that makes an INSERT more than one of literal rows.
func tellsMore(text []byte) bool { return sqlscan.Occurs(text, "SELECT", "RETURNING") }

// startsWith says whether the text begins with a word, in any mix of cases.
func startsWith(text []byte, word string) bool {
	return len(text) >= len(word) && bytes.EqualFold(text[:len(word)], []byte(word))
}
