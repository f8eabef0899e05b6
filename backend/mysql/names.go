package mysql

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// names are those of our tables, quoted and with the database's name in front,
// so that a USE changes nothing.
type names struct {
	database                                  string // unquoted
	meta, migrations, history, progress, lock string
	bareHistory                               string // unquoted, without the database
}

func namesIn(database, historyName string) names {
	in := func(table string) string { return quote(database) + "." + quote(table) }
	return names{
		database: database,
		meta:     in("_meta"), migrations: in("migrations"), history: in(historyName), progress: in("_fastmigrate_progress"), lock: in("_fastmigrate_lock"),
		bareHistory: historyName,
	}
}

// quote returns a name as it is written in every sql_mode.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// literal returns a string as SQL text that means the same in every sql_mode
// and in every character set of the connection.
func literal(text string) string {
	return "_utf8mb4 x'" + hex.EncodeToString([]byte(strings.ToValidUTF8(text, "\uFFFD"))) + "'"
}

// literals returns the values of a row, for our statements: sent as text, each
// takes one round trip, and two as a prepared statement.
func literals(values []any) string {
	texts := make([]string, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case string:
			texts[i] = literal(v)
		case int:
			texts[i] = strconv.Itoa(v)
		case int64:
			texts[i] = strconv.FormatInt(v, 10)
		default:
			panic("mysql: no literal for such a value")
		}
	}
	return strings.Join(texts, ", ")
}

// filled returns one of our statements with its parameters, each a ?, filled
// in. None of these statements has a ? in it otherwise.
func filled(statement string, values ...any) string {
	var b strings.Builder
	for i, part := range strings.Split(statement, "?") {
		if i > 0 {
			b.WriteString(literals(values[i-1 : i]))
		}
		b.WriteString(part)
	}
	return b.String()
}

// createMeta makes the version table.
func (n names) createMeta() string {
	return "CREATE TABLE " + n.meta + " (id INTEGER PRIMARY KEY DEFAULT 1 CHECK (id = 1), version INTEGER NOT NULL DEFAULT 0) ENGINE=InnoDB"
}

// createProgress makes the table of marks: a row for each statement that could
// not be committed together with its mark, as long as its script is not done.
func (n names) createProgress() string {
	return "CREATE TABLE IF NOT EXISTS " + n.progress + ` (
  entry BIGINT NOT NULL,
  statement BIGINT NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii NOT NULL,
  checksum CHAR(64) CHARACTER SET ascii NOT NULL,
  line BIGINT NOT NULL,
  found LONGTEXT CHARACTER SET utf8mb4 NOT NULL,
  PRIMARY KEY (entry, statement)
) ENGINE=InnoDB COMMENT='fastmigrate progress, format 1'`
}

// createLock makes the table of the lock, which has one row.
func (n names) createLock() string {
	return "CREATE TABLE IF NOT EXISTS " + n.lock + ` (
  id INTEGER NOT NULL PRIMARY KEY,
  owner VARCHAR(64) CHARACTER SET ascii NOT NULL,
  holder TEXT CHARACTER SET utf8mb4 NOT NULL,
  expires DATETIME(6) NOT NULL
) ENGINE=InnoDB COMMENT='fastmigrate lock, format 1'`
}
