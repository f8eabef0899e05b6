package sqlite

import (
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// maxTables bounds how many names of tables are kept of one script.
const maxTables = 10_000

// tableNames gathers the names of the tables that a script's text names.
type tableNames map[string]struct{}

// add looks for names where SQLite's grammar has a table's name. An INSERT is
// read up to its values only: what it changes is named before.
func (names tableNames) add(text []byte) {
	insert, expect := false, false
	for l := sqlscan.Lex(text, sqlscan.SQLite); l.Next(); {
		t := l.Token
		name := t.Kind == sqlscan.Word || t.Kind == sqlscan.Quoted || t.Kind == sqlscan.String
		insert = insert || t.Offset == 0 && (t.Is("INSERT") || t.Is("REPLACE"))
		switch {
		case insert && t.Is("VALUES"):
			return
		case t.Is("TABLE", "INTO", "UPDATE", "FROM", "JOIN", "REFERENCES", "TO"):
			expect = true
		case expect && t.Is("IF", "NOT", "EXISTS", "OR", "ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE", "SET"):
		case string(t.Text) == ".":
			expect = true // what came before was the name of a schema
		case expect && name && len(names) <= maxTables:
			names[strings.ToLower(sqlscan.Unquote(t))] = struct{}{}
			expect = false
		default:
			expect = false
		}
	}
}

// sorted returns the names in order, or all if there were too many to keep.
func (names tableNames) sorted() (sorted []string, all bool) {
	if len(names) > maxTables {
		return nil, true
	}
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	return sorted, false
}
