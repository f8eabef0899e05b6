package sqlite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqldef"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// statement is one of a script's, with the comment above it and the thing of
// the schema that it makes.
type statement struct {
	comment, text string
	makes         item
}

// statements returns what the script does, in order.
func (w *rebuilding) statements() []statement {
	var all []statement
	comment := ""
	say := func(text string) { comment = text }
	do := func(makes item, text string) {
		all = append(all, statement{comment, text, makes})
		comment = ""
	}
	plain := func(format string, args ...any) { do(item{}, fmt.Sprintf(format, args...)) }
	table, keep, made := quote(w.Table), quote(w.keep), quote(w.name)

	say("If one of these does not hold, the migration fails and nothing of it is kept.")
	plain("%s", w.checks())
	plain("INSERT INTO %s\nSELECT coalesce((SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_xinfo(%s) ORDER BY name)), ''),\n"+
		"       coalesce((SELECT group_concat(name, ', ') FROM (SELECT name FROM sqlite_schema\n"+
		"         WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name = %s COLLATE NOCASE ORDER BY name)), ''),\n"+
		"       (SELECT count(*) FROM %s), NULL,\n       %s, NULL", keep, literal(w.Table), literal(w.Table), table, w.broken())
	for n, text := range w.first {
		if n == 0 && len(w.Without) > 0 {
			say("What is left out.")
		}
		if n == len(w.Without) {
			say("New names, which SQLite puts into all that refers to the columns.")
		}
		plain("%s", text)
	}
	say("The new table, and the rows of the old one.")
	if w.Draft() {
		say("The new table: this is the present definition, for you to edit. Then say below how\n" +
			"each column is filled; what you take out of the definition goes out of there, too.")
	}
	plain("%s", w.def.Create(w.Table, w.name))
	columns, expressions := w.values()
	plain("INSERT INTO %s (%s)\nSELECT %s FROM %s", made, strings.Join(columns, ", "), strings.Join(expressions, ", "), table)
	if counts(w.items, w.Table) && mentions([]byte(strings.Join(w.def.Parts, ",")), "AUTOINCREMENT") {
		say("AUTOINCREMENT goes on where it stood.")
		plain("DELETE FROM sqlite_sequence WHERE name = %s", literal(w.name))
		plain("INSERT INTO sqlite_sequence (name, seq) SELECT %s, seq FROM sqlite_sequence WHERE name = %s", literal(w.name), literal(w.Table))
	}
	drops, makes := w.around()
	for n, i := range drops {
		if n == 0 {
			say("What refers to the table stands in the way of the new one's name.")
		}
		plain("DROP %s %s", strings.ToUpper(i.kind), quote(i.name))
	}
	say("The old table goes, the new one gets its name.")
	plain("DROP TABLE %s", table)
	plain("ALTER TABLE %s RENAME TO %s", made, table)
	for n, i := range makes {
		if n == 0 {
			say("What went with the old table.")
		}
		do(i, i.text)
	}
	if w.measured {
		plain("ANALYZE %s", table)
	}
	say("No row was lost, and none refers to a row that is not there.")
	plain("UPDATE %s SET rows_after = (SELECT count(*) FROM %s), broken_after = %s", keep, table, w.broken())
	plain("DROP TABLE %s", keep)
	return all
}

// checks returns the table that holds what was counted: its constraints make
// the migration fail.
func (w *rebuilding) checks() string {
	check := func(name, condition string) string {
		return "CONSTRAINT " + quote(name) + " CHECK (" + condition + ")"
	}
	return "CREATE TABLE " + quote(w.keep) + " (\n" +
		"  columns TEXT " + check(w.Table+" has other columns than this migration knows", "columns = "+literal(w.known)) + ",\n" +
		"  attached TEXT " + check(w.Table+" has other indexes or triggers than this migration knows", "attached = "+literal(w.attached)) + ",\n" +
		"  rows_before, rows_after " + check("rows of "+w.Table+" would be lost", "rows_after = rows_before") + ",\n" +
		"  broken_before, broken_after " + check("foreign keys would be broken", "broken_after <= broken_before") + "\n)"
}

// broken returns the expression that counts the rows which refer to nothing.
func (w *rebuilding) broken() string {
	var counts []string
	for _, table := range w.checked {
		counts = append(counts, "(SELECT count(*) FROM pragma_foreign_key_check("+literal(table)+"))")
	}
	if counts == nil {
		return "0"
	}
	return strings.Join(counts, " + ")
}

// around returns what has to be dropped before the old table is, and what has
// to be made again after: views that read it, triggers that name one of them,
// and what goes with the table.
func (w *rebuilding) around() (drops, makes []item) {
	gone := []string{strings.ToLower(w.Table)} // the table, and views that depend on it
	affected := func(i item) bool {
		return slices.Contains(gone, strings.ToLower(i.table)) || refersTo(i.text, gone)
	}
	for grown := true; grown; {
		grown = false
		for _, i := range w.items {
			if name := strings.ToLower(i.name); i.kind == "view" && !slices.Contains(gone, name) && refersTo(i.text, gone) {
				gone, grown = append(gone, name), true
			}
		}
	}
	for _, i := range w.items {
		if i.kind == "table" || i.kind == "index" && !strings.EqualFold(i.table, w.Table) || i.kind != "index" && !affected(i) {
			continue
		}
		if i.kind == "view" || i.kind == "trigger" && !slices.Contains(gone, strings.ToLower(i.table)) {
			drops = append(drops, i)
		}
		makes = append(makes, i)
	}
	return drops, makes
}

// write returns the script.
func (w *rebuilding) write(statements []statement) []byte {
	var script bytes.Buffer
	fmt.Fprintf(&script, "-- Makes the table %s anew and takes its rows over, in the steps of\n"+
		"-- https://www.sqlite.org/lang_altertable.html#otheralter\n"+
		"-- Runs once and whole, in a transaction, with foreign keys off: leave BEGIN,\n"+
		"-- COMMIT and PRAGMA foreign_keys out.\n", strings.ReplaceAll(w.Table, "\n", " "))
	for _, s := range statements {
		if s.comment != "" {
			script.WriteString("\n-- " + strings.ReplaceAll(s.comment, "\n", "\n-- ") + "\n")
		}
		script.WriteString(s.text)
		if sqldef.EndsInComment(s.text) {
			script.WriteByte('\n')
		}
		script.WriteString(";\n")
	}
	return script.Bytes()
}

// literal returns a text as SQL writes it.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// counts says whether a table counts its rows by AUTOINCREMENT.
func counts(items []item, table string) bool {
	return slices.ContainsFunc(items, func(i item) bool {
		return i.kind == "table" && i.name == table && mentions([]byte(i.text), "AUTOINCREMENT")
	})
}

// refersTo says whether a text has one of the names, in lower case, as a token of
// whatever kind can be one.
func refersTo(text string, names []string) bool {
	for t := range sqlscan.Tokens([]byte(text), sqlscan.SQLite) {
		if (t.Kind == sqlscan.Word || t.Kind == sqlscan.Quoted || t.Kind == sqlscan.String) &&
			slices.Contains(names, strings.ToLower(sqlscan.Unquote(t))) {
			return true
		}
	}
	return false
}
