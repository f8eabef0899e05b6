package mysql

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// engines knows the tables that take part in no transaction, such as those of
// MyISAM: what a statement does to their rows can't be committed together with
// its mark.
type engines struct {
	known bool
	bare  map[string]map[string]bool // names of such tables by those of their databases, in lower case
	deep  bool                       // ours has such tables, and views, triggers or routines through which they may be reached
	plain bool                       // a table is of such a sort unless its CREATE TABLE says otherwise
}

const notSystem = " NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"

// learn asks the server for the tables, if that is to be done.
func (e *engines) learn(ctx context.Context, c *connection) error {
	if e.known {
		return nil
	}
	*e = engines{}
	found, err := c.strings(ctx, `SELECT concat(hex(t.table_schema), ' ', hex(t.table_name)) FROM information_schema.tables AS t
		JOIN information_schema.engines AS e ON e.engine = t.engine
		WHERE t.table_type = 'BASE TABLE' AND coalesce(e.transactions, 'NO') <> 'YES' AND t.table_schema`+notSystem)
	if err != nil {
		return err
	}
	e.bare = map[string]map[string]bool{"mysql": nil}
	for _, pair := range found {
		database, table, _ := strings.Cut(pair, " ")
		database, table = unhex(database), unhex(table)
		if e.bare[database] == nil {
			e.bare[database] = make(map[string]bool)
		}
		e.bare[database][table] = true
	}
	standard, err := c.strings(ctx, "SELECT 1 FROM information_schema.engines WHERE engine = @@default_storage_engine AND transactions = 'YES'")
	if err != nil {
		return err
	}
	e.plain = len(standard) == 0
	if home := c.backend.names.database; len(e.bare[strings.ToLower(home)]) > 0 {
		found, err := c.strings(ctx, filled(`SELECT 1 FROM dual WHERE
			EXISTS (SELECT 1 FROM information_schema.triggers WHERE trigger_schema = ?)
			OR EXISTS (SELECT 1 FROM information_schema.views WHERE table_schema = ?)
			OR EXISTS (SELECT 1 FROM information_schema.routines WHERE routine_schema = ?)`, home, home, home))
		if err != nil {
			return err
		}
		e.deep = len(found) > 0
	}
	e.known = true
	return nil
}

// defined takes notice of a statement that may have made such a table, or made
// one into another.
func (e *engines) defined(text []byte, n nature) {
	if e.plain || len(e.bare) > 1 || n.class == opaque || mentions(text, "ENGINE", "TYPE", "LIKE", "DEFAULT_STORAGE_ENGINE", "STORAGE_ENGINE") {
		e.known = false
	}
}

// touches says whether a statement may write into such a table, as far as its
// words tell. Names without a database are those of the one at hand.
func (e *engines) touches(text []byte, database string) bool {
	if e.deep {
		return true
	}
	here := e.bare[strings.ToLower(database)]
	for t := range sqlscan.Tokens(text, sqlscan.MySQL) {
		if t.Kind != sqlscan.Word && t.Kind != sqlscan.Quoted {
			continue
		}
		name := strings.ToLower(sqlscan.Unquote(t))
		if _, other := e.bare[name]; here[name] || other && name != strings.ToLower(database) {
			return true
		}
	}
	return false
}

// unhex returns the name that the server wrote in hexadecimal, in lower case.
func unhex(text string) string {
	name, _ := hex.DecodeString(text)
	return strings.ToLower(string(name))
}
