package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// run runs one statement of a script to its end. Rows that it returns are read
// and dropped, because SQLite does the work of such a statement as its rows are
// asked for.
//
// A statement that is short runs without a way to interrupt it: making each of
// a million INSERTs interruptible takes longer than running them. The caller
// asks between statements whether the run is cancelled.
func (c *connection) run(ctx context.Context, text []byte, n nature, short bool) error {
	if short {
		ctx = context.WithoutCancel(ctx)
	}
	if !n.rows {
		_, err := c.ExecContext(ctx, string(text))
		return describe(err)
	}
	rows, err := c.QueryContext(ctx, string(text))
	if err != nil {
		return describe(err)
	}
	for rows.Next() {
		continue
	}
	return describe(errors.Join(rows.Err(), rows.Close()))
}

// placed says where in the script a statement failed, and with which words.
func (c *connection) placed(file string, st *sqlscan.Statement, err error) error {
	line, column := st.Line, st.Column
	if offset, ok := c.offset(st.Text, err); ok {
		line, column = st.Position(offset)
	}
	return &migration.Error{
		Op:        "apply",
		Origin:    migration.Origin{File: file, Line: line, Column: column},
		Statement: fault.Excerpt(string(st.Text), line-st.Line),
		Hint:      cmp.Or(firstHint(err), "mend the script and run again; nothing of it was kept"),
		Err:       err,
	}
}

// messages are those of the engine's that name a token of the statement.
var messages = []struct{ before, after string }{
	{`near "`, `": syntax error`},
	{`unrecognized token: "`, `"`},
	{"no such table: ", ""},
	{"no such column: ", ""},
	{"no such function: ", ""},
	{"no such index: ", ""},
	{"no such view: ", ""},
	{"no such trigger: ", ""},
	{"duplicate column name: ", ""},
	{"unknown column ", " in foreign key definition"},
	{"no such collation sequence: ", ""},
	{"no such module: ", ""},
	{"has no column named ", ""},
	{"table ", " already exists"},
	{"index ", " already exists"},
	{"view ", " already exists"},
	{"trigger ", " already exists"},
}

// offset finds the token that the engine complains of, for neither driver
// tells where it stands.
func (c *connection) offset(text []byte, err error) (int, bool) {
	token, syntax := named(err.Error())
	if token == "" {
		return 0, false
	}
	last := token[strings.LastIndexByte(token, '.')+1:]
	var found []sqlscan.Token
	for l := sqlscan.Lex(text, sqlscan.SQLite); l.Next(); {
		t := l.Token
		same := string(t.Text) == token || strings.EqualFold(sqlscan.Unquote(t), token) ||
			!syntax && strings.EqualFold(sqlscan.Unquote(t), last)
		if same || t.Kind == sqlscan.Illegal && strings.HasPrefix(string(t.Text), token) {
			found = append(found, t)
		}
	}
	at := 0
	switch {
	case syntax:
		// All that goes on behind the error stumbles, nothing that ends before.
		at = sort.Search(len(found), func(i int) bool {
			return c.stumbles(text[:found[i].Offset+len(found[i].Text)], token)
		})
	case strings.HasPrefix(err.Error(), "duplicate ") && len(found) > 1:
		at = 1
	default:
		// A string may be a name, but hardly where the same name stands bare.
		at = max(0, slices.IndexFunc(found, func(t sqlscan.Token) bool { return t.Kind != sqlscan.String }))
	}
	if at >= len(found) {
		return 0, false
	}
	return found[at].Offset, true
}

// stumbles says whether the text up to and with a token has the syntax error at
// that token. EXPLAIN compiles a statement and runs nothing of it.
func (c *connection) stumbles(text []byte, token string) bool {
	rows, err := c.QueryContext(context.Background(), "EXPLAIN "+string(text))
	if err != nil {
		return strings.Contains(err.Error(), fmt.Sprintf(`near "%s": syntax error`, token))
	}
	_ = rows.Close()
	return false
}

// named returns the token that a message names, and whether it is that of a
// syntax error, which may stand in the statement several times.
func named(message string) (token string, syntax bool) {
	for i, m := range messages {
		_, rest, found := strings.Cut(message, m.before)
		if !found {
			continue
		}
		if m.after != "" {
			end := strings.LastIndex(rest, m.after)
			if end < 0 {
				continue
			}
			rest = rest[:end]
		}
		return rest, i == 0
	}
	return "", false
}
