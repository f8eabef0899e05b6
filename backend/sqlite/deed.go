package sqlite

import (
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// action is what a statement does to the schema, or to a setting.
type action struct {
	verb string // create, drop, rename, set; empty for all else
	kind string // table, index, trigger; for set the setting
	name string
	// table is that of an index or a trigger.
	table string
	// to is the new name of a table.
	to string
	on bool // the setting's value
	// references are those of a new table.
	references []leads
}

// deed reads what a statement does, as far as it is of use to an outline.
func deed(text string) action {
	l := sqlscan.Lex([]byte(text), sqlscan.SQLite)
	if !l.Next() || !l.Token.Is("CREATE", "DROP", "ALTER", "PRAGMA") {
		return action{}
	}
	words := []sqlscan.Token{l.Token}
	for l.Next() {
		if words = append(words, l.Token); l.Token.Is("BEGIN") {
			break // what a trigger does is not what the statement does
		}
	}
	p := &unread{words}
	switch {
	case p.next("PRAGMA"):
		return pragmaOf(p)
	case p.next("DROP"):
		a := action{verb: "drop", kind: strings.ToLower(string(p.take().Text))}
		p.skip("IF", "EXISTS")
		a.name = p.name()
		return a
	case p.next("ALTER"):
		p.skip("TABLE")
		a := action{verb: "rename", kind: "table", name: p.name()}
		if !p.next("RENAME") || !p.next("TO") {
			return action{}
		}
		a.to = p.name()
		return a
	}
	p.skip("CREATE", "UNIQUE", "TEMP", "TEMPORARY", "VIRTUAL")
	a := action{verb: "create", kind: strings.ToLower(string(p.take().Text))}
	p.skip("IF", "NOT", "EXISTS")
	a.name = p.name()
	if a.kind == "table" {
		a.references = referencesOf(p)
		return a
	}
	for len(p.left) > 0 && !p.next("ON") {
		p.take()
	}
	a.table = p.name()
	return a
}

// pragmaOf reads PRAGMA [schema.]name = value, or (value).
func pragmaOf(p *unread) action {
	a := action{verb: "set", kind: strings.ToLower(p.name())}
	p.take() // = or (
	value := strings.ToLower(sqlscan.Unquote(p.take()))
	a.on = slices.Contains([]string{"on", "yes", "true", "1"}, value)
	if value == "" {
		return action{}
	}
	return a
}

// referencesOf reads the foreign keys of a new table.
func referencesOf(p *unread) (all []leads) {
	for len(p.left) > 0 {
		switch {
		case p.next("REFERENCES"):
			all = append(all, leads{parent: p.name()})
		case p.next("DELETE") && len(all) > 0: // ON DELETE
			last := &all[len(all)-1]
			switch {
			case p.next("CASCADE"):
				last.effect = "deletes rows"
			case p.next("SET"):
				last.effect = "empties rows"
			}
		default:
			p.take()
		}
	}
	return all
}

// unread are the tokens of a statement that are still to be read.
type unread struct{ left []sqlscan.Token }

// take returns the next token, or none.
func (w *unread) take() (t sqlscan.Token) {
	if len(w.left) > 0 {
		t, w.left = w.left[0], w.left[1:]
	}
	return t
}

// next takes the next token if it is a word.
func (w *unread) next(word string) bool {
	if len(w.left) == 0 || !w.left[0].Is(word) {
		return false
	}
	w.take()
	return true
}

// skip takes words as long as they are of these.
func (w *unread) skip(words ...string) {
	for len(w.left) > 0 && w.left[0].Is(words...) {
		w.take()
	}
}

// name takes a name, and the schema's before it.
func (w *unread) name() string {
	name := sqlscan.Unquote(w.take())
	if len(w.left) > 0 && string(w.left[0].Text) == "." {
		w.take()
		name = sqlscan.Unquote(w.take())
	}
	return name
}
