package mysql

import (
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// assignment is one of those of a SET statement.
type assignment struct {
	name   string // in lower case, without @
	value  string // unquoted if it is one word, otherwise ""
	tokens []sqlscan.Token
	user   bool // a @variable
	global bool // one of the server's, not of the connection's
}

// assignments takes SET a = 1, @b = 2 apart. What it can't read it leaves out.
func assignments(text []byte) []assignment {
	var all []assignment
	var part []sqlscan.Token
	depth := 0
	add := func() {
		if a, ok := assigned(part); ok {
			all = append(all, a)
		}
		part = nil
	}
	first := true
	for t := range sqlscan.Tokens(text, sqlscan.MySQL) {
		switch word := string(t.Text); {
		case first:
			first = false
			continue
		case word == "(":
			depth++
		case word == ")":
			depth--
		case word == "," && depth == 0, word == ";" && depth == 0:
			add()
			continue
		}
		part = append(part, t)
	}
	add()
	return all
}

// assigned reads one assignment: [GLOBAL | SESSION] name = value, @@scope.name
// = value, @name := value.
func assigned(part []sqlscan.Token) (assignment, bool) {
	at := -1
	for i, t := range part {
		if word := string(t.Text); word == "=" || word == ":=" {
			at = i
			break
		}
	}
	var a assignment
	var left strings.Builder
	for i := range max(at, 0) {
		if is(part, i, "GLOBAL", "PERSIST", "PERSIST_ONLY") && i == 0 && at > 1 {
			a.global = true
			continue
		}
		if is(part, i, "SESSION", "LOCAL") && i == 0 && at > 1 {
			continue
		}
		left.WriteString(strings.ToLower(sqlscan.Unquote(part[i])))
	}
	name := left.String()
	switch {
	case at < 1:
		return a, false // SET NAMES, SET CHARACTER SET
	case strings.HasPrefix(name, "@@"):
		name = name[2:]
		for _, scope := range []string{"session.", "local."} {
			name = strings.TrimPrefix(name, scope)
		}
		for _, scope := range []string{"global.", "persist.", "persist_only."} {
			if rest, cut := strings.CutPrefix(name, scope); cut {
				a.global, name = true, rest
			}
		}
	case strings.HasPrefix(name, "@"):
		a.user = true
		name = strings.Trim(name[1:], "`'\"")
	}
	a.name, a.tokens = name, part[at+1:]
	if len(a.tokens) == 1 {
		a.value = sqlscan.Unquote(a.tokens[0])
	}
	if len(a.tokens) > 1 && strings.HasPrefix(string(a.tokens[0].Text), "@") {
		var b strings.Builder
		for _, t := range a.tokens {
			b.Write(t.Text)
		}
		a.value = b.String() // @@session.sql_mode, in whatever tokens
	}
	return a, true
}
