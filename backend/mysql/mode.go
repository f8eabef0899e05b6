package mysql

import (
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// mode is what of sql_mode changes how a script is read.
type mode = sqlscan.Mode

// modeOf reads the value of sql_mode.
func modeOf(sqlMode string) mode {
	var m mode
	for word := range strings.SplitSeq(strings.ToUpper(sqlMode), ",") {
		switch strings.TrimSpace(word) {
		case "ANSI_QUOTES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL":
			m |= sqlscan.ANSIQuotes
		case "NO_BACKSLASH_ESCAPES":
			m |= sqlscan.NoBackslashEscapes
		}
	}
	return m
}

// modes follows the sql_mode that a script sets, by its text alone, so that
// inspection and execution cut the script into the same statements. The server
// is asked afterwards whether it sees it in the same way.
type modes struct {
	initial mode // of a new connection
	now     mode
	kept    map[string]mode // by the names of @variables that hold a sql_mode
}

func newModes(initial mode) *modes { return &modes{initial: initial, now: initial} }

// set follows a SET statement and says whether it sets sql_mode.
func (m *modes) set(text []byte) bool {
	touched := false
	for _, a := range assignments(text) {
		value, known := m.value(a)
		switch {
		case a.user && known:
			if m.kept == nil {
				m.kept = make(map[string]mode)
			}
			m.kept[a.name] = value
		case a.user:
			delete(m.kept, a.name)
		case a.name == "sql_mode" && !a.global:
			touched = true
			if known {
				m.now = value
			}
		}
	}
	return touched
}

// sqlModeNames are the ways to ask for the connection's sql_mode.
var sqlModeNames = []string{"@@sql_mode", "@@session.sql_mode", "@@local.sql_mode", "sql_mode"}

// value returns the mode that an assignment's right side stands for.
func (m *modes) value(a assignment) (mode, bool) {
	if len(a.tokens) == 0 {
		return 0, false
	}
	value := strings.ToLower(a.value)
	first := a.tokens[0]
	switch {
	case slices.Contains(sqlModeNames, value):
		return m.now, true
	case value == "@@global.sql_mode", value == "default" && first.Kind == sqlscan.Word:
		return m.initial, true
	case strings.HasPrefix(value, "@"):
		kept, ok := m.kept[strings.Trim(value[1:], "`'\"")]
		return kept, ok
	case len(a.tokens) == 1 && (first.Kind == sqlscan.String || first.Kind == sqlscan.Quoted || first.Kind == sqlscan.Word):
		return modeOf(a.value), true
	}
	return 0, false
}
