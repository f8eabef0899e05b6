package postgres

import (
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// nature is what reading a statement's words tells of it.
type nature struct {
	class segment.Class
	// effect says that it may change the database.
	effect bool
	// session says that it changes the connection and has to be said again
	// when a later run resumes the script.
	session bool
	// temporary says that it makes something that lives as long as the
	// connection.
	temporary bool
	// copies says that it is COPY … FROM STDIN, the data of which follows.
	copies bool
	// isolates says that it is SET TRANSACTION, which must come before any
	// query of its transaction.
	isolates bool
	// lexes says that it changes how the text after it is to be read.
	lexes bool
	// index says that it is CREATE INDEX CONCURRENTLY, which leaves an index
	// behind that is not valid where it fails.
	index bool
	// discards says that it throws things away which the connection had before.
	discards bool
	// repeatable says that running it once more does no harm.
	repeatable bool
	// savepoint is the name that SAVEPOINT, RELEASE or ROLLBACK TO gives.
	savepoint string
	// why says why it is refused.
	why string
}

// words are the tokens of a statement, the first of them at most.
type words []sqlscan.Token

// maxWords bounds how many tokens of a statement are looked at.
const maxWords = 32

func leading(text []byte) words {
	w := make(words, 0, maxWords)
	for l := sqlscan.Lex(text, sqlscan.PostgreSQL); len(w) < maxWords && l.Next(); {
		if l.Token.Kind == sqlscan.Punct && string(l.Token.Text) == ";" {
			break
		}
		w = append(w, l.Token)
	}
	return w
}

// changesRows says whether the first word of a statement tells all there is to
// know. It is asked first, for a script may be a million of such statements.
func changesRows(text []byte) bool {
	l := sqlscan.Lex(text, sqlscan.PostgreSQL)
	return l.Next() && (l.Token.Is("INSERT") || l.Token.Is("UPDATE") || l.Token.Is("DELETE"))
}

// is says whether the word at i is one of the options.
func (w words) is(i int, options ...string) bool {
	return i < len(w) && w[i].Is(options...)
}

// begin says whether the words begin with these.
func (w words) begin(with ...string) bool {
	for i, word := range with {
		if !w.is(i, word) {
			return false
		}
	}
	return true
}

// have says whether one of the options is among the words.
func (w words) have(options ...string) bool {
	for i := range w {
		if w.is(i, options...) {
			return true
		}
	}
	return false
}

// punct says whether the token at i is this sign.
func (w words) punct(i int, sign string) bool { return i < len(w) && string(w[i].Text) == sign }

// classify reads the leading words of a statement. What it does not know is
// plain and has an effect.
func classify(text []byte) nature {
	if changesRows(text) {
		return nature{effect: true}
	}
	w := leading(text)
	switch {
	case len(w) == 0:
		return nature{}
	case w.is(0, "MERGE", "WITH", "COMMENT", "GRANT", "REVOKE"):
		return nature{effect: true}
	case w.is(0, "BEGIN"), w.begin("START", "TRANSACTION"):
		return nature{class: segment.Begins}
	case w.is(0, "COMMIT", "END", "ROLLBACK", "ABORT"):
		return ending(w)
	case w.begin("PREPARE", "TRANSACTION"):
		return nature{class: segment.Refused, why: "PREPARE TRANSACTION leaves a transaction open behind the migration"}
	case w.is(0, "SAVEPOINT"):
		return nature{class: segment.SavesPoint, savepoint: nameAt(w, 1)}
	case w.is(0, "RELEASE"):
		return nature{class: segment.Releases, savepoint: nameAt(w, 1)}
	case w.is(0, "SET", "RESET"):
		return setting(w)
	case w.is(0, "SHOW", "FETCH", "MOVE", "CLOSE"), w.is(0, "EXPLAIN") && !w.have("ANALYZE"):
		return nature{}
	case w.is(0, "LISTEN", "UNLISTEN", "LOAD", "PREPARE", "DEALLOCATE", "DECLARE"):
		return nature{session: true}
	case w.begin("DISCARD", "ALL"):
		return nature{class: segment.Outside, session: true, repeatable: true, discards: true}
	case w.is(0, "DISCARD"):
		return nature{session: true, discards: w.is(1, "TEMP", "TEMPORARY")}
	case w.is(0, "SELECT") && w.have("set_config"):
		return nature{session: true}
	case w.is(0, "COPY"):
		return copying(text)
	case w.is(0, "VACUUM"):
		return nature{class: segment.Outside, effect: true, repeatable: true}
	case w.is(0, "CLUSTER") && (len(w) == 1 || len(w) == 2 && w.is(1, "VERBOSE")):
		return nature{class: segment.Outside, effect: true, repeatable: true}
	case w.is(0, "REINDEX") && w.have("CONCURRENTLY", "DATABASE", "SYSTEM", "SCHEMA"):
		return nature{class: segment.Outside, effect: true, repeatable: true}
	case w.is(0, "CREATE"):
		return creating(w, text)
	case w.is(0, "DROP"):
		return dropping(w)
	case w.is(0, "ALTER"):
		return altering(w, text)
	}
	return nature{effect: true}
}

// ending reads COMMIT, END, ROLLBACK and ABORT with what may follow.
func ending(w words) nature {
	switch {
	case w.is(1, "PREPARED"):
		return nature{class: segment.Outside, effect: true}
	case w.have("CHAIN") && !w.have("NO"):
		return nature{class: segment.Refused, why: "AND CHAIN opens a transaction without saying BEGIN; write COMMIT; BEGIN;"}
	case w.is(0, "COMMIT", "END"):
		return nature{class: segment.Commits}
	}
	for i := range w {
		if w.is(i, "TO") {
			return nature{class: segment.Returns, savepoint: nameAt(w, i+1)}
		}
	}
	return nature{class: segment.RollsBack}
}

// setting reads SET and RESET. What SET LOCAL sets ends with its transaction.
func setting(w words) nature {
	switch {
	case w.is(1, "LOCAL", "CONSTRAINTS"):
		return nature{}
	case w.is(1, "TRANSACTION"):
		return nature{isolates: true}
	}
	return nature{session: true, lexes: w.have("standard_conforming_strings")}
}

// nameAt returns the name of a savepoint at a place, after an optional
// SAVEPOINT.
func nameAt(w words, i int) string {
	if w.is(i, "SAVEPOINT") && i+1 < len(w) {
		i++
	}
	if i >= len(w) {
		return ""
	}
	if w[i].Kind == sqlscan.Quoted {
		return sqlscan.Unquote(w[i])
	}
	return strings.ToLower(string(w[i].Text))
}

// copying reads COPY, where FROM and TO may stand within a query too.
func copying(text []byte) nature {
	var last sqlscan.Token
	depth := 0
	for t := range sqlscan.Tokens(text, sqlscan.PostgreSQL) {
		switch {
		case string(t.Text) == "(":
			depth++
		case string(t.Text) == ")":
			depth--
		case depth == 0 && last.Is("FROM") && t.Is("STDIN"):
			return nature{effect: true, copies: true}
		case depth == 0 && last.Is("TO") && t.Is("STDOUT"):
			return nature{class: segment.Refused, why: "COPY TO STDOUT has nowhere to write to"}
		}
		last = t
	}
	return nature{effect: true}
}
