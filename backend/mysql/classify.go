package mysql

import (
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// class is what a statement does to transactions, and how it is recorded.
type class uint8

const (
	// opaque is what may do anything: CALL, EXECUTE, what we don't know. It is
	// marked as begun; where it is cut off, a person has to look.
	opaque     class = iota
	data             // changes rows, inside whatever transaction there is
	query            // changes nothing
	sets             // changes the connection, and runs inside whatever transaction there is
	setsAlone        // the same, but the server ends an open transaction for it, or wants none
	defines          // commits by itself: CREATE, ALTER, DROP …
	repeats          // commits by itself, and may as well run twice: ANALYZE, GRANT …
	begins           // START TRANSACTION
	commits          // COMMIT
	rollsBack        // ROLLBACK, without TO
	savesPoint       // SAVEPOINT, RELEASE SAVEPOINT, ROLLBACK TO
	locks            // LOCK TABLES
	unlocks          // UNLOCK TABLES
	refuses          // must not be run
)

// nature is what reading a statement's words tells of it.
type nature struct {
	class class
	why   string // for refuses

	autocommit *bool  // what SET autocommit sets
	readOnly   bool   // START TRANSACTION READ ONLY
	chain      bool   // COMMIT AND CHAIN
	use        string // the database that USE names
	temporary  bool   // makes a temporary table
	global     bool   // a SET of nothing but the server's settings
	definition definition
}

// maxWords is how many of a statement's first tokens are looked at.
const maxWords = 24

// leading returns the first tokens of a statement.
func leading(text []byte) []sqlscan.Token {
	words := make([]sqlscan.Token, 0, maxWords)
	for t := range sqlscan.Tokens(text, sqlscan.MySQL) {
		if len(words) == maxWords {
			break
		}
		words = append(words, t)
	}
	return words
}

// is says whether the token at i is one of the words.
func is(words []sqlscan.Token, i int, options ...string) bool {
	return 0 <= i && i < len(words) && words[i].Is(options...)
}

// classify reads the leading words of a statement.
func classify(text []byte) nature {
	words := leading(text)
	for len(words) > 0 && string(words[0].Text) == "(" {
		words = words[1:]
	}
	if len(words) == 0 {
		return nature{class: query}
	}
	switch {
	case is(words, 0, "LOAD") && is(words, 1, "INDEX"):
		return nature{class: repeats} // MySQL commits for it, MariaDB does not
	case is(words, 0, "ANALYZE") && !is(words, 1, "TABLE", "TABLES") && !is(words, 2, "TABLE", "TABLES"):
		return nature{class: data} // MariaDB's ANALYZE UPDATE … updates
	case is(words, 0, "INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "DO", "WITH", "VALUES", "SELECT", "TABLE"):
		return nature{class: data}
	case is(words, 0, "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "HELP", "CHECKSUM", "GET"):
		return nature{class: query}
	case is(words, 0, "USE"):
		return nature{class: sets, use: nameAt(words, 1)}
	case is(words, 0, "SET"):
		return setting(text, words)
	case is(words, 0, "BEGIN"):
		if is(words, 1, "NOT") {
			return nature{}
		}
		return nature{class: begins}
	case is(words, 0, "START") && is(words, 1, "TRANSACTION"):
		return nature{class: begins, readOnly: readsOnly(words)}
	case is(words, 0, "COMMIT"):
		return nature{class: commits, chain: chains(words)}
	case is(words, 0, "ROLLBACK"):
		if is(words, 1, "TO") || is(words, 2, "TO") {
			return nature{class: savesPoint}
		}
		return nature{class: rollsBack, chain: chains(words)}
	case is(words, 0, "SAVEPOINT", "RELEASE"):
		return nature{class: savesPoint}
	case is(words, 0, "LOCK") && is(words, 1, "TABLE", "TABLES"):
		return nature{class: locks}
	case is(words, 0, "UNLOCK") && is(words, 1, "TABLE", "TABLES"):
		return nature{class: unlocks}
	case is(words, 0, "PREPARE", "DEALLOCATE"):
		return nature{class: sets}
	case is(words, 0, "FLUSH"):
		return flush(words)
	case is(words, 0, "ANALYZE", "OPTIMIZE", "CHECK", "REPAIR", "CACHE", "GRANT", "RESET", "PURGE", "KILL", "SHUTDOWN"):
		return nature{class: repeats}
	case is(words, 0, "CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE", "REVOKE", "INSTALL", "UNINSTALL"):
		return defining(text, words)
	case is(words, 0, "SOURCE"):
		return nature{class: refuses, why: "source is a command of the mysql client; put the other file's text here, or make it a migration of its own"}
	case string(words[0].Text) == `\`:
		return nature{class: refuses, why: `a command of the mysql client that begins with \; write it in SQL`}
	}
	return nature{}
}

// flush tells FLUSH TABLES WITH READ LOCK from the rest: our marks would wait
// for it for ever.
func flush(words []sqlscan.Token) nature {
	for i := range words {
		if is(words, i, "LOCK", "EXPORT") {
			return nature{class: refuses, why: "FLUSH TABLES … WITH READ LOCK would keep the migration from being recorded; LOCK TABLES locks single tables"}
		}
	}
	return nature{class: repeats}
}

// chains says whether a COMMIT opens a transaction again.
func chains(words []sqlscan.Token) bool {
	for i := range words {
		if is(words, i, "CHAIN") {
			return !is(words, i-1, "NO")
		}
	}
	return false
}

// readsOnly says whether a START TRANSACTION opens one that takes no writes.
func readsOnly(words []sqlscan.Token) bool {
	for i := range words {
		if is(words, i, "READ") && is(words, i+1, "ONLY") {
			return true
		}
	}
	return false
}

// nameAt returns the name that stands at i, unquoted.
func nameAt(words []sqlscan.Token, i int) string {
	if i >= len(words) {
		return ""
	}
	return sqlscan.Unquote(words[i])
}

// outsideOnly are the variables that the server lets nobody set while a
// transaction is open.
var outsideOnly = []string{
	"sql_log_bin", "binlog_format", "binlog_direct_non_transactional_updates", "skip_replication", "gtid_domain_id", "gtid_seq_no",
	"gtid_next", "wsrep_on", "tx_isolation", "tx_read_only", "transaction_isolation", "transaction_read_only",
}

// setting reads SET.
func setting(text []byte, words []sqlscan.Token) nature {
	switch {
	case is(words, 1, "PASSWORD"), is(words, 1, "DEFAULT"):
		return nature{class: repeats}
	case is(words, 1, "STATEMENT"):
		return nature{} // SET STATEMENT … FOR any statement
	case is(words, 1, "ROLE"):
		return nature{class: sets}
	case is(words, 1, "TRANSACTION"), is(words, 2, "TRANSACTION"):
		return nature{class: setsAlone, global: is(words, 1, "GLOBAL")}
	}
	n := nature{class: sets, global: true}
	for _, a := range assignments(text) {
		n.global = n.global && a.global
		if a.name == "autocommit" && !a.global && !a.user {
			on := !(strings.EqualFold(a.value, "off") || a.value == "0" || strings.EqualFold(a.value, "false"))
			n.class, n.autocommit = setsAlone, &on
		}
		if !a.global && !a.user && slices.Contains(outsideOnly, a.name) {
			n.class = setsAlone
		}
	}
	return n
}
