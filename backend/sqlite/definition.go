package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// definition is the text of a CREATE TABLE statement, taken apart: the columns
// and constraints between its parentheses, each with the blanks and comments
// around it, and what stands behind.
type definition struct {
	table   string // the name; empty where the text is not a whole statement
	parts   []string
	options string
}

// parseDefinition takes a CREATE TABLE statement apart, or what stands between
// its parentheses.
func parseDefinition(text string) (definition, error) {
	var d definition
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
	end := 0
	for n, t := range tokens {
		end = t.Offset + len(t.Text)
		switch string(t.Text) {
		case "(":
			if depth++; depth == 1 {
				if len(d.parts) > 0 {
					return d, fmt.Errorf("the definition has a parenthesis behind its columns")
				}
				d.table, start = sqlscan.Unquote(tokens[n-1]), end
			}
		case ")":
			if depth--; depth == 0 && whole {
				d.parts = append(d.parts, text[start:t.Offset])
				start = end
			}
		case ",":
			if depth == 1 {
				d.parts = append(d.parts, text[start:t.Offset])
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
	case whole && (depth != 0 || len(d.parts) == 0), !whole && depth != 1:
		return d, fmt.Errorf("the definition has a parenthesis that is not closed")
	case whole:
		d.options = strings.TrimSpace(text[start:end])
	default:
		d.parts = append(d.parts, text[start:]) // with a comment that it may end in
	}
	return d, nil
}

// constraintWords begin a constraint of the table rather than a column.
var constraintWords = []string{"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}

// columnOf returns the name of the column that a part defines, or "" for a
// constraint of the table.
func columnOf(part string) string {
	for t := range sqlscan.Tokens([]byte(part), sqlscan.SQLite) {
		if slices.ContainsFunc(constraintWords, t.Is) {
			return ""
		}
		return sqlscan.Unquote(t)
	}
	return ""
}

// find returns the index of the part that defines a column, or -1.
func (d *definition) find(column string) int {
	return slices.IndexFunc(d.parts, func(part string) bool { return strings.EqualFold(columnOf(part), column) })
}

// change puts a new definition in the place of a column's old one, and keeps
// the comments around it.
func (d *definition) change(part string) error {
	n := d.find(columnOf(part))
	if n < 0 || columnOf(part) == "" {
		return fmt.Errorf("the table has no column %s to change", columnOf(part))
	}
	from, to := extent(d.parts[n])
	d.parts[n] = d.parts[n][:from] + strings.TrimSpace(part) + d.parts[n][to:]
	return nil
}

// add puts a column behind the last column, and a constraint behind all.
func (d *definition) add(part string) {
	at := len(d.parts)
	if columnOf(part) != "" {
		for at > 0 && columnOf(d.parts[at-1]) == "" {
			at--
		}
	}
	if at > 0 && at == len(d.parts) {
		// What ends the last line goes behind the new part, but for a comment.
		before := d.parts[at-1]
		if _, to := extent(before); strings.TrimSpace(before[to:]) == "" {
			d.parts[at-1], part = before[:to], strings.TrimSpace(part)+before[to:]
		}
	}
	indent := " "
	for _, p := range d.parts {
		from, _ := extent(p)
		if blank := p[:from]; strings.TrimSpace(blank) == "" && strings.Contains(blank, "\n") {
			indent = blank
		}
	}
	d.parts = slices.Insert(d.parts, at, indent+part)
}

// drop takes a column out. Behind the last one stands what ends the last line.
func (d *definition) drop(column string) {
	n := d.find(column)
	if n < 0 {
		return
	}
	gone := d.parts[n]
	d.parts = slices.Delete(d.parts, n, n+1)
	if _, to := extent(gone); n > 0 && n == len(d.parts) && strings.TrimSpace(gone[to:]) == "" {
		d.parts[n-1] += gone[to:]
	}
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

// create returns the statement that makes the table under a name. A column that
// an expression calls table.column is called by the new name.
func (d *definition) create(old, name string) string {
	body := strings.Join(d.parts, ",")
	var out strings.Builder
	var before sqlscan.Token
	done := 0
	for t := range sqlscan.Tokens([]byte(body), sqlscan.SQLite) {
		named := before.Kind == sqlscan.Word || before.Kind == sqlscan.Quoted
		if string(t.Text) == "." && named && strings.EqualFold(sqlscan.Unquote(before), old) {
			out.WriteString(body[done:before.Offset] + quote(name))
			done = t.Offset
		}
		before = t
	}
	out.WriteString(body[done:])
	text := "CREATE TABLE " + quote(name) + " (" + out.String()
	if endsInComment(text) {
		text += "\n"
	}
	text += ")"
	if d.options != "" {
		text += " " + d.options
	}
	return text
}
