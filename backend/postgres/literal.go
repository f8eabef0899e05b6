package postgres

import (
	"strconv"
	"strings"
)

// quote returns a name as SQL writes it, whatever characters it has.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal returns a text as a string of SQL. It means the same with
// standard_conforming_strings on and off.
func literal(text string) string {
	text = strings.ReplaceAll(text, "\x00", "")
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.Contains(text, `\`) {
		return " E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// value returns what stands for an argument of a statement of ours.
func value(v any) string {
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case string:
		return literal(v)
	case expression:
		return string(v)
	}
	panic("postgres: no literal for this type") // a mistake of ours
}

// expression is SQL that stands for an argument as it is.
type expression string

// fill puts the arguments in the places of $1, $2 … in a statement, behind the
// name of the table, which may hold such a thing itself.
func fill(statement, table string, args []any) string {
	head, rest, _ := strings.Cut(statement, table)
	var b strings.Builder
	b.WriteString(head + table)
	for {
		before, after, found := strings.Cut(rest, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		digits := 0
		for digits < len(after) && after[digits] >= '0' && after[digits] <= '9' {
			digits++
		}
		n, _ := strconv.Atoi(after[:digits])
		b.WriteString(value(args[n-1]))
		rest = after[digits:]
	}
}
