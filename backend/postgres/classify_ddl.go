package postgres

import (
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// creating reads CREATE.
func creating(w words, text []byte) nature {
	switch {
	case w.begin("CREATE", "INDEX", "CONCURRENTLY"), w.begin("CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"):
		return nature{class: segment.Outside, effect: true, index: true}
	case w.is(1, "DATABASE", "TABLESPACE"):
		return nature{class: segment.Outside, effect: true}
	case w.is(1, "SUBSCRIPTION") && !switchedOff(text, "create_slot", "connect"):
		return nature{class: segment.Outside, effect: true}
	}
	temporary := false
	for i := 1; i < len(w) && i < 4; i++ {
		temporary = temporary || w.is(i, "TEMP", "TEMPORARY")
	}
	return nature{effect: true, temporary: temporary, session: temporary}
}

// dropping reads DROP.
func dropping(w words) nature {
	if w.is(1, "DATABASE", "TABLESPACE", "SUBSCRIPTION") || w.begin("DROP", "INDEX", "CONCURRENTLY") {
		return nature{class: segment.Outside, effect: true}
	}
	return nature{effect: true}
}

// altering reads ALTER.
func altering(w words, text []byte) nature {
	switch {
	case w.is(1, "SYSTEM"):
		return nature{class: segment.Outside, effect: true, repeatable: true}
	case w.is(1, "DATABASE") && setsTablespace(w),
		w.is(1, "TABLESPACE"):
		return nature{class: segment.Outside, effect: true, repeatable: true}
	case w.is(1, "SUBSCRIPTION") && w.have("PUBLICATION") && !switchedOff(text, "refresh"):
		return nature{class: segment.Outside, effect: true}
	case w.is(1, "TABLE") && w.have("DETACH") && w.have("CONCURRENTLY", "FINALIZE"):
		return nature{class: segment.Outside, effect: true}
	}
	return nature{effect: true}
}

func setsTablespace(w words) bool {
	for i := range w {
		if w.is(i, "SET") && w.is(i+1, "TABLESPACE") {
			return true
		}
	}
	return false
}

// switchedOff says whether one of the options is given as false.
func switchedOff(text []byte, options ...string) bool {
	off := []string{"false", "off", "0", "no"}
	option := false
	for t := range sqlscan.Tokens(text, sqlscan.PostgreSQL) {
		word := strings.ToLower(strings.Trim(string(t.Text), `'"`))
		switch {
		case slices.Contains(options, word):
			option = true
		case option && word == "=":
		case option && slices.Contains(off, word):
			return true
		default:
			option = false
		}
	}
	return false
}

// indexOf returns the name that CREATE INDEX CONCURRENTLY gives, or "" where it
// leaves that to the server, and the table as it is written.
func indexOf(text []byte) (name, table string) {
	w := leading(text)
	i := 3 // behind CREATE INDEX CONCURRENTLY
	if w.is(1, "UNIQUE") {
		i++
	}
	if w.is(i, "IF") && w.is(i+1, "NOT") {
		i += 3
	}
	if i < len(w) && !w.is(i, "ON") {
		name = identifier(w[i])
		i++
	}
	i++ // ON
	if w.is(i, "ONLY") {
		i++
	}
	for ; i < len(w) && (w[i].Kind == sqlscan.Word || w[i].Kind == sqlscan.Quoted); i += 2 {
		table += string(w[i].Text)
		if !w.punct(i+1, ".") {
			break
		}
		table += "."
	}
	return name, table
}

// identifier returns the name that a token stands for.
func identifier(t sqlscan.Token) string {
	if t.Kind == sqlscan.Quoted {
		return sqlscan.Unquote(t)
	}
	return strings.ToLower(string(t.Text))
}
