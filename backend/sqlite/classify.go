package sqlite

import (
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/segment"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// nature is what reading a statement's words tells of it.
type nature struct {
	class segment.Class
	// effect says that it may change the database. Only such statements are
	// worth recording; VACUUM or a SELECT may as well run twice.
	effect bool
	// session says that it changes the connection and has to be said again
	// when a later run resumes the script.
	session bool
	// temporary says that it makes something that lives as long as the
	// connection.
	temporary bool
	// routine says that it makes a trigger or a virtual table, through which
	// a short statement may take long.
	routine bool
	// rows says that it may return rows, all of which must be asked for: the
	// statement does its work row by row.
	rows bool
	// short says that it makes a table, or inserts literal rows, which does not
	// take long where no trigger stands behind it.
	short bool
	// drops, creates and renames say that it does so with a table: together they
	// may be a table that is made anew.
	drops, creates, renames bool
	// attaches says that it is ATTACH, resizes that it sets the page size.
	attaches, resizes bool
	// exclusive says that it is BEGIN EXCLUSIVE.
	exclusive bool
	// savepoint is the name that SAVEPOINT, RELEASE or ROLLBACK TO gives, in
	// lower case.
	savepoint string
}

// leading returns the first tokens of a statement, at most as many as into
// holds, without EXPLAIN.
func leading(text []byte, into []sqlscan.Token) []sqlscan.Token {
	n := 0
	for l := sqlscan.Lex(text, sqlscan.SQLite); l.Next(); {
		t := l.Token
		if n == len(into) {
			break
		}
		into[n] = t
		n++
	}
	return into[:n]
}

// classify reads the leading words of a statement. What it does not know is
// plain and has an effect.
func classify(text []byte) nature {
	var buffer [8]sqlscan.Token
	words := leading(text, buffer[:])
	if len(words) == 0 {
		return nature{}
	}
	is := func(i int, options ...string) bool {
		return i < len(words) && words[i].Is(options...)
	}
	switch {
	case is(0, "INSERT", "REPLACE"):
		return insertion(text)
	case is(0, "SELECT", "VALUES", "EXPLAIN"):
		return nature{rows: true}
	case is(0, "WITH"):
		return nature{rows: true, effect: mentions(text, "INSERT", "UPDATE", "DELETE", "REPLACE")}
	case is(0, "UPDATE", "DELETE"):
		return nature{effect: true, rows: mentions(text, "RETURNING")}
	case is(0, "CREATE"):
		temporary := is(1, "TEMP", "TEMPORARY")
		for i := range words {
			// CREATE TABLE temp.t, however quoted
			temporary = temporary || i+1 < len(words) && string(words[i+1].Text) == "." && strings.EqualFold(sqlscan.Unquote(words[i]), "temp")
		}
		return nature{effect: true, temporary: temporary, session: temporary,
			routine: is(1, "TRIGGER", "VIRTUAL") || is(2, "TRIGGER"),
			short:   is(1, "TABLE") && !mentions(text, "SELECT"),
			creates: is(1, "TABLE")}
	case is(0, "DROP"):
		return nature{effect: true, drops: is(1, "TABLE")}
	case is(0, "ALTER"):
		return nature{effect: true, renames: mentions(text, "RENAME")}
	case is(0, "BEGIN"):
		return nature{class: segment.Begins, exclusive: is(1, "EXCLUSIVE")}
	case is(0, "COMMIT", "END"):
		return nature{class: segment.Commits}
	case is(0, "ROLLBACK"):
		for i := range words {
			if is(i, "TO") {
				return nature{class: segment.Returns, savepoint: savepointName(words[i+1:])}
			}
		}
		return nature{class: segment.RollsBack}
	case is(0, "SAVEPOINT"):
		return nature{class: segment.SavesPoint, savepoint: savepointName(words[1:])}
	case is(0, "RELEASE"):
		return nature{class: segment.Releases, savepoint: savepointName(words[1:])}
	case is(0, "VACUUM"):
		return nature{class: segment.Outside}
	case is(0, "ATTACH", "DETACH"):
		return nature{class: segment.Outside, session: true, attaches: is(0, "ATTACH")}
	case is(0, "ANALYZE", "REINDEX"):
		return nature{}
	case is(0, "PRAGMA"):
		return pragma(words[1:])
	}
	return nature{effect: true}
}

// savepointName returns the name at the beginning of words, after an optional
// SAVEPOINT.
func savepointName(words []sqlscan.Token) string {
	if len(words) > 1 && words[0].Is("SAVEPOINT") {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	return strings.ToLower(sqlscan.Unquote(words[0]))
}

// insertion tells an INSERT of literal rows from one that selects them.
func insertion(text []byte) nature {
	returns := mentions(text, "RETURNING")
	return nature{effect: true, rows: returns, short: !returns && !mentions(text, "SELECT")}
}

// mentions says whether one of the words stands in the text, outside of
// strings, quoted names and comments.
func mentions(text []byte, words ...string) bool {
	return sqlscan.Mentions(text, sqlscan.SQLite, words...)
}

// outsidePragmas are those that SQLite refuses or does not heed inside a
// transaction, when they are given a value.
var outsidePragmas = []string{"foreign_keys", "journal_mode", "locking_mode", "synchronous", "temp_store", "wal_checkpoint"}

// storedPragmas write into the database and roll back with it.
var storedPragmas = []string{"application_id", "user_version", "schema_version"}

// askingPragmas only tell something, also when they are given an argument.
var askingPragmas = []string{
	"collation_list", "compile_options", "data_version", "database_list", "foreign_key_check",
	"foreign_key_list", "freelist_count", "function_list", "incremental_vacuum", "index_info", "index_list",
	"index_xinfo", "integrity_check", "module_list", "optimize", "page_count", "pragma_list", "quick_check",
	"shrink_memory", "stats", "table_info", "table_list", "table_xinfo",
}

// pragma reads PRAGMA [schema.]name [= value | (value)].
func pragma(words []sqlscan.Token) nature {
	if len(words) > 2 && string(words[1].Text) == "." {
		words = words[2:]
	}
	if len(words) == 0 {
		return nature{rows: true}
	}
	name := strings.ToLower(sqlscan.Unquote(words[0]))
	given := len(words) > 1 && (string(words[1].Text) == "=" || string(words[1].Text) == "(")
	switch {
	case name == "wal_checkpoint":
		return nature{class: segment.Outside, rows: true}
	case slices.Contains(askingPragmas, name), !given:
		return nature{rows: true}
	case slices.Contains(storedPragmas, name):
		return nature{rows: true, effect: true}
	case slices.Contains(outsidePragmas, name):
		return nature{class: segment.Outside, rows: true, session: true}
	}
	return nature{rows: true, session: true, resizes: name == "page_size"}
}
