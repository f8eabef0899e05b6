// Package sqldef takes CREATE statements of SQLite apart, as text: what stands
// between the parentheses, part by part, and what stands behind. Comments and
// spelling stay.
package sqldef

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// Definition is a CREATE TABLE statement, or CREATE INDEX, taken apart.
type Definition struct {
	Table   string   // the name before the parentheses; empty where the text is not a whole statement
	Parts   []string // columns and constraints, each with the blanks and comments around it
	Options string   // what stands behind the parentheses
}

// Parse takes a statement apart, or what stands between its parentheses.
func Parse(text string) (Definition, error) {
	var d Definition
	var tokens []sqlscan.Token
	for t := range sqlscan.Tokens([]byte(text), sqlscan.SQLite) {
		if t.Kind == sqlscan.Illegal {
			return d, fmt.Errorf("the definition has a syntax error at %q", t.Text)
		}
		tokens = append(tokens, t)
	}
	if len(tokens) > 0 && string(tokens[len(tokens)-1].Text) == ";" {
		tokens = tokens[:len(tokens)-1]
	}
	depth, start, whole := 1, 0, len(tokens) > 0 && tokens[0].Is("CREATE")
	if whole {
		depth = 0
	}
	end, closed := 0, false
	for n, t := range tokens {
		end = t.Offset + len(t.Text)
		switch string(t.Text) {
		case "(":
			if depth++; depth == 1 && !closed {
				d.Table, start = sqlscan.Unquote(tokens[n-1]), end
			}
		case ")":
			if depth--; depth == 0 && whole && !closed {
				closed = true
				d.Parts = append(d.Parts, text[start:t.Offset])
				start = end
			}
		case ",":
			if depth == 1 && !closed {
				d.Parts = append(d.Parts, text[start:t.Offset])
				start = end
			}
		case ";":
			return d, fmt.Errorf("the definition is more than one statement")
		}
		if depth < 0 || depth == 0 && !whole {
			return d, fmt.Errorf("the definition closes a parenthesis that it did not open")
		}
	}
	switch {
	case whole && (depth != 0 || !closed), !whole && depth != 1:
		return d, fmt.Errorf("the definition has a parenthesis that is not closed")
	case whole:
		d.Options = strings.TrimSpace(text[start:end])
	default:
		d.Parts = append(d.Parts, text[start:]) // with a comment that it may end in
	}
	return d, nil
}

// constraintWords begin a constraint of the table rather than a column.
var constraintWords = []string{"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}

// ColumnOf returns the name of the column that a part defines, or "" for a
// constraint of the table.
func ColumnOf(part string) string {
	for t := range sqlscan.Tokens([]byte(part), sqlscan.SQLite) {
		if t.Is(constraintWords...) {
			return ""
		}
		return sqlscan.Unquote(t)
	}
	return ""
}

// Find returns the index of the part that defines a column, or -1.
func (d *Definition) Find(column string) int {
	return slices.IndexFunc(d.Parts, func(part string) bool { return strings.EqualFold(ColumnOf(part), column) })
}

// Change puts a new definition in the place of a column's old one, and keeps
// the comments around it.
func (d *Definition) Change(part string) error {
	n := d.Find(ColumnOf(part))
	if n < 0 || ColumnOf(part) == "" {
		return fmt.Errorf("the table has no column %s to change", ColumnOf(part))
	}
	from, to := extent(d.Parts[n])
	d.Parts[n] = d.Parts[n][:from] + strings.TrimSpace(part) + d.Parts[n][to:]
	return nil
}

// Add puts a column behind the last column, and a constraint behind all.
func (d *Definition) Add(part string) {
	at := len(d.Parts)
	if ColumnOf(part) != "" {
		for at > 0 && ColumnOf(d.Parts[at-1]) == "" {
			at--
		}
	}
	if at > 0 && at == len(d.Parts) {
		// What ends the last line goes behind the new part, but for a comment.
		before := d.Parts[at-1]
		if _, to := extent(before); strings.TrimSpace(before[to:]) == "" {
			d.Parts[at-1], part = before[:to], strings.TrimSpace(part)+before[to:]
		}
	}
	indent := " "
	for _, p := range d.Parts {
		from, _ := extent(p)
		if blank := p[:from]; strings.TrimSpace(blank) == "" && strings.Contains(blank, "\n") {
			indent = blank
		}
	}
	d.Parts = slices.Insert(d.Parts, at, indent+part)
}

// Drop takes a column out, with the comment behind it on its line.
func (d *Definition) Drop(column string) {
	n := d.Find(column)
	if n < 0 {
		return
	}
	gone := d.Parts[n]
	d.Parts = slices.Delete(d.Parts, n, n+1)
	before := remark(gone) // which is about the part before
	switch _, to := extent(gone); {
	case n < len(d.Parts):
		d.Parts[n] = before + strings.TrimPrefix(d.Parts[n], remark(d.Parts[n]))
	case n > 0 && before != "":
		d.Parts[n-1] += before + "\n"
	case n > 0 && strings.TrimSpace(gone[to:]) == "":
		d.Parts[n-1] += gone[to:] // what ends the last line
	}
}

// remark returns the comment that stands behind a comma, on its line.
func remark(part string) string {
	from, _ := extent(part)
	line, _, more := strings.Cut(part[:from], "\n")
	if !more || strings.TrimSpace(line) == "" {
		return ""
	}
	return line
}

// extent returns where the first token of a text begins and the last one ends.
func extent(text string) (from, to int) {
	from = -1
	for t := range sqlscan.Tokens([]byte(text), sqlscan.SQLite) {
		if from < 0 {
			from = t.Offset
		}
		to = t.Offset + len(t.Text)
	}
	return max(from, 0), to
}

// Create returns the statement that makes the table under a name. A column that
// an expression calls table.column is called by the new name.
func (d *Definition) Create(old, name string) string {
	var joined strings.Builder
	for n, part := range d.Parts {
		if n > 0 && EndsInComment(d.Parts[n-1]) {
			joined.WriteByte('\n') // or the comma would be part of the comment
		}
		if n > 0 {
			joined.WriteByte(',')
		}
		joined.WriteString(part)
	}
	body := joined.String()
	var out strings.Builder
	var before sqlscan.Token
	done := 0
	for t := range sqlscan.Tokens([]byte(body), sqlscan.SQLite) {
		named := before.Kind == sqlscan.Word || before.Kind == sqlscan.Quoted
		if string(t.Text) == "." && named && strings.EqualFold(sqlscan.Unquote(before), old) {
			out.WriteString(body[done:before.Offset] + Quote(name))
			done = t.Offset
		}
		before = t
	}
	out.WriteString(body[done:])
	text := "CREATE TABLE " + Quote(name) + " (" + out.String()
	if EndsInComment(text) {
		text += "\n"
	}
	text += ")"
	if d.Options != "" {
		text += " " + d.Options
	}
	return text
}

// Quote returns a name as SQLite's SQL writes it.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// EndsInComment says whether a semicolon behind the text might be part of a
// comment, which SQLite keeps where it stands behind a view or an index.
func EndsInComment(text string) bool {
	_, end := extent(text)
	return end < len(text) && !strings.HasSuffix(text, "\n")
}

// Normal returns a text without its spelling: names without quotes, and words
// in lower case, with one blank between any two tokens. Texts that are the same
// then mean the same.
func Normal(text string) string {
	var all []string
	for t := range sqlscan.Tokens([]byte(text), sqlscan.SQLite) {
		switch word := string(t.Text); t.Kind {
		case sqlscan.Quoted:
			all = append(all, strings.ToLower(sqlscan.Unquote(t)))
		case sqlscan.String:
			all = append(all, word)
		default:
			all = append(all, strings.ToLower(word))
		}
	}
	return strings.Join(all, " ")
}
