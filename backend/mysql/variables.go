package mysql

import (
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// variablesIn returns the @variables that a statement names, in lower case.
func variablesIn(text []byte) []string {
	var names []string
	at := false
	for t := range sqlscan.Tokens(text, sqlscan.MySQL) {
		word := string(t.Text)
		switch {
		case at:
			names = append(names, strings.ToLower(sqlscan.Unquote(t)))
			at = false
		case word == "@":
			at = true
		case strings.HasPrefix(word, "@") && !strings.HasPrefix(word, "@@"):
			names = append(names, strings.ToLower(strings.Trim(word[1:], "`'\"")))
		}
	}
	return names
}

// lost says whether a statement names a @variable whose value is lost.
func lost(variables map[string]bool, text []byte) bool {
	if len(variables) == 0 {
		return false
	}
	for _, name := range variablesIn(text) {
		if variables[name] {
			return true
		}
	}
	return false
}

// assignsOnly returns the name of the @variable to which a statement, SET @a =
// …, gives a value that does not depend on a @variable; otherwise "".
func assignsOnly(text []byte) string {
	all := assignments(text)
	if len(all) == 1 && all[0].user && len(variablesIn(text)) == 1 {
		return all[0].name
	}
	return ""
}

// lose notes which @variables have, behind a statement, a value that saying the
// statement again would not give them: it was read from tables or computed, and
// both may be otherwise by now.
func lose(variables map[string]bool, text []byte, n nature) {
	if n.class != sets {
		if mentions(text, "INTO") || strings.Contains(string(text), ":=") {
			for _, name := range variablesIn(text) {
				variables[name] = true
			}
		}
		return
	}
	for _, a := range assignments(text) {
		if !a.user {
			continue
		}
		constant := true
		for i, t := range a.tokens {
			word := string(t.Text)
			constant = constant && word != "(" && !is(a.tokens, i, "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIME",
				"LOCALTIMESTAMP", "UTC_TIMESTAMP", "UTC_DATE", "UTC_TIME", "CURRENT_USER") &&
				!t.Is(insertIDs...) &&
				!(strings.HasPrefix(word, "@") && variables[strings.ToLower(strings.Trim(word, "@`'\""))])
		}
		if constant {
			delete(variables, a.name)
		} else {
			variables[a.name] = true
		}
	}
}
