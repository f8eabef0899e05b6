package postgres

import "github.com/fastmigrate/fastmigrate/internal/sqlscan"

// What may be sent together with other scripts is known by its kind; whatever is
// not listed here stands alone. These kinds leave nothing on the connection, do
// not change how the text after them is read, and go over rows of a table at
// most where they define something.

// lightNew are the kinds of things that CREATE and DROP make and remove so.
var lightNew = []string{
	"TABLE", "INDEX", "VIEW", "SEQUENCE", "TYPE", "DOMAIN", "SCHEMA", "FUNCTION", "PROCEDURE", "TRIGGER",
	"AGGREGATE", "CAST", "COLLATION", "OPERATOR", "POLICY", "RULE", "STATISTICS",
}

// lightAltered are the kinds of things that ALTER changes so.
var lightAltered = []string{
	"TABLE", "INDEX", "VIEW", "SEQUENCE", "TYPE", "DOMAIN", "SCHEMA", "FUNCTION", "PROCEDURE", "TRIGGER", "POLICY",
	"DEFAULT", "STATISTICS",
}

// light says whether a statement is of one of those kinds.
func light(text []byte) bool {
	w := leading(text)
	switch {
	case w.is(0, "COMMENT", "GRANT", "REVOKE", "TRUNCATE"), w.begin("SET", "CONSTRAINTS"):
		return true
	case w.begin("SET", "LOCAL"):
		return w.is(2, "lock_timeout", "statement_timeout")
	case w.is(0, "CREATE"):
		return lightCreate(w, text)
	case w.is(0, "ALTER"):
		return w.is(1, lightAltered...) && !w.have("VALIDATE", "TYPE", "TABLESPACE", "LOGGED", "UNLOGGED", "ATTACH", "DETACH", "METHOD") ||
			w.begin("ALTER", "TYPE")
	case w.is(0, "DROP"):
		return w.is(1, lightNew...) && !w.have("CONCURRENTLY")
	case w.is(0, "INSERT"):
		return insertsValues(text)
	}
	return false
}

// lightCreate reads CREATE. A table that is made from a query may take long.
func lightCreate(w words, text []byte) bool {
	i := 1
	for w.is(i, "OR", "REPLACE", "UNLOGGED", "UNIQUE", "CONSTRAINT", "RECURSIVE") {
		i++
	}
	if !w.is(i, lightNew...) || w.have("CONCURRENTLY") {
		return false
	}
	return !w.is(i, "TABLE") || !comesFromQuery(text)
}

// comesFromQuery says whether CREATE TABLE has AS outside of all parentheses.
func comesFromQuery(text []byte) bool {
	depth := 0
	for t := range sqlscan.Tokens(text, sqlscan.PostgreSQL) {
		switch {
		case t.Kind == sqlscan.Punct && string(t.Text) == "(":
			depth++
		case t.Kind == sqlscan.Punct && string(t.Text) == ")":
			depth--
		case depth == 0 && t.Is("AS"):
			return true
		}
	}
	return false
}

// insertsValues says whether INSERT has its rows in its text, and calls nothing
// that changes a setting.
func insertsValues(text []byte) bool {
	values := false
	for t := range sqlscan.Tokens(text, sqlscan.PostgreSQL) {
		switch {
		case t.Is("SELECT"), t.Is("WITH"), t.Is("TABLE"), t.Is("set_config"):
			return false
		case t.Is("VALUES"):
			values = true
		}
	}
	return values
}
