package sqlite_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// world is a random database around one table, and what is wished of it.
type world struct {
	table     string   // quoted
	columns   []string // quoted, those that hold values
	defs      []string
	script    []string // what makes it
	wish      backend.Rebuild
	keys      string   // the clause of a foreign key to itself
	generated bool     // there is a column g besides
	renames   []string // what SQLite itself does of the wish
	intended  string   // the columns to compare afterwards, on both sides
}

func inQuotes(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// drawWorld makes a table with rows, and what may stand around one.
func drawWorld(t *rapid.T) world {
	name := rapid.SampledFrom([]string{"people", "a b", `odd "n"; --`, "order", "it's", "Ünï"}).Draw(t, "table")
	w := world{table: inQuotes(name)}
	w.wish.Table = name
	say := func(format string, args ...any) { w.script = append(w.script, fmt.Sprintf(format, args...)) }
	flip := func(label string) bool { return rapid.Bool().Draw(t, label) }

	strict := flip("strict")
	key := rapid.SampledFrom([]string{"none", "integer", "auto", "text", "without"}).Draw(t, "key")
	add := func(name, def string) {
		w.columns, w.defs = append(w.columns, inQuotes(name)), append(w.defs, inQuotes(name)+" "+def)
	}
	switch key {
	case "integer":
		add("id", "INTEGER PRIMARY KEY")
	case "auto":
		add("id", "INTEGER PRIMARY KEY AUTOINCREMENT")
	case "text", "without":
		add("id", "TEXT PRIMARY KEY -- a comment, with a comma\n")
	}
	kinds := []string{"TEXT", "INT", "REAL", "BLOB"}
	others := rapid.IntRange(1, 4).Draw(t, "columns")
	for n := range others {
		name := []string{"a", "b c", "select", "rowid"}[n]
		def := rapid.SampledFrom(kinds).Draw(t, "kind") + rapid.SampledFrom([]string{
			"", " DEFAULT 7", " CHECK (" + inQuotes(name) + " IS NOT 'never')", " DEFAULT (1 + 1) /* , */", " COLLATE NOCASE",
		}).Draw(t, "constraint")
		add(name, def)
	}
	defs := strings.Join(w.defs, ", ")
	if w.generated = flip("generated"); w.generated {
		defs += fmt.Sprintf(",\n  g TEXT AS (%s || 'x') %s", w.columns[len(w.columns)-1], rapid.SampledFrom([]string{"STORED", "VIRTUAL"}).Draw(t, "stored"))
	}
	if key != "none" && flip("self") {
		w.keys = fmt.Sprintf(", FOREIGN KEY (%s) REFERENCES %s (id)", inQuotes("a"), w.table)
		defs += w.keys
	}
	options := map[bool]string{true: " STRICT"}[strict]
	if key == "without" {
		options += map[bool]string{true: ","}[strict] + " WITHOUT ROWID"
	}
	say("CREATE TABLE %s (%s)%s", w.table, defs, options)
	say("CREATE TABLE log (x)")
	if key != "none" {
		for n := range rapid.IntRange(0, 2).Draw(t, "children") {
			say("CREATE TABLE child%d (p REFERENCES %s ON DELETE %s)", n, w.table, rapid.SampledFrom([]string{"CASCADE", "SET NULL", "RESTRICT"}).Draw(t, "action"))
			say("INSERT INTO child%d VALUES (1), (2), (NULL)", n)
		}
	}
	rows := rapid.IntRange(0, 5).Draw(t, "rows")
	for n := range rows {
		var values []string
		for i, def := range w.defs {
			value := map[bool]string{true: fmt.Sprintf("'v%d'", n), false: fmt.Sprint(n * 10)}[strings.Contains(def, "TEXT")]
			if strings.Contains(def, "BLOB") {
				value = fmt.Sprintf("x'0%d'", n)
			}
			if flip("null") && (i > 0 || key == "none") {
				value = "NULL"
			}
			values = append(values, value)
		}
		say("INSERT INTO %s (%s) VALUES (%s)", w.table, strings.Join(w.columns, ", "), strings.Join(values, ", "))
	}
	if rows > 2 {
		say("DELETE FROM %s WHERE %s IN (SELECT max(%s) FROM %s)", w.table, w.columns[0], w.columns[0], w.table)
	}
	pick := func(label string) string { return rapid.SampledFrom(w.columns).Draw(t, label) }
	for n := range rapid.IntRange(0, 2).Draw(t, "indexes") {
		say("CREATE INDEX %s ON %s (%s%s)", inQuotes(fmt.Sprintf("i %d", n)), w.table, pick("indexed"), rapid.SampledFrom([]string{
			"", " DESC", ", lower(" + pick("indexed") + ")", ") WHERE (" + pick("indexed") + " IS NOT NULL",
		}).Draw(t, "index"))
	}
	if flip("unique") {
		say("CREATE UNIQUE INDEX u ON %s (%s, %s)", w.table, w.columns[0], pick("unique"))
	}
	if flip("view") {
		say("CREATE VIEW v1 AS SELECT %s AS one FROM %s -- a view", pick("viewed"), w.table)
		if flip("view of it") {
			say("CREATE VIEW v0 AS SELECT one FROM v1")
			say("CREATE TRIGGER tv INSTEAD OF DELETE ON v0 BEGIN DELETE FROM log; END")
		}
	}
	if flip("trigger") {
		say("CREATE TRIGGER t1 AFTER UPDATE OF %s ON %s BEGIN INSERT INTO log VALUES (new.%s); END", pick("watched"), w.table, pick("logged"))
	}
	if flip("trigger on another") {
		say("CREATE TRIGGER t2 BEFORE DELETE ON log BEGIN UPDATE %s SET %s = NULL WHERE 0; END", w.table, w.columns[len(w.columns)-1])
	}
	w.drawWish(t, strict)
	return w
}

// drawWish wishes for one thing, or for none.
func (w *world) drawWish(t *rapid.T, strict bool) {
	last := len(w.columns) - 1 // never the key
	column, name := w.columns[last], strings.Trim(w.columns[last], `"`)
	w.intended = strings.Join(w.columns, ", ")
	switch rapid.SampledFrom([]string{"nothing", "change", "add", "drop", "rename", "columns", "options"}).Draw(t, "wish") {
	case "change":
		w.wish.Change = []string{w.defs[last] + " DEFAULT 'other' CHECK (" + column + " IS NOT 'x')"}
	case "add":
		w.wish.Add = []string{"more INT DEFAULT 5", "CHECK (more IS NOT 6)"}
	case "drop":
		w.wish.Drop = []string{name}
		w.intended = strings.Join(append([]string{"1"}, w.columns[:last]...), ", ")
	case "rename":
		w.wish.Rename = []backend.Rename{{From: name, To: "new name"}}
		w.renames = []string{fmt.Sprintf(`ALTER TABLE %s RENAME COLUMN %s TO "new name"`, w.table, column)}
		w.intended = strings.Join(append(append([]string{}, w.columns[:last]...), `"new name"`), ", ")
	case "columns":
		w.wish.Columns = strings.Join(w.defs, ",") + ", extra" + w.keys
		if w.generated {
			w.wish.Drop = []string{"g"}
		}
	case "options":
		none := ""
		w.wish.Options = &none
	}
}

// portrait is all that is in a database but for the table's own definition.
func (w *world) portrait(t *rapid.T, db *sql.DB) string {
	var all []string
	for _, query := range []string{
		"SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND name NOT IN ('_meta', '_fastmigrate_history') AND name <> '" +
			strings.ReplaceAll(w.wish.Table, "'", "''") + "' ORDER BY 1, 2",
		"SELECT " + w.intended + " FROM " + w.table,
		"SELECT typeof(" + strings.Split(w.intended, ", ")[0] + "), count(*) FROM " + w.table + " GROUP BY 1",
		"SELECT rowid FROM log",
	} {
		all = append(all, w.ask(t, db, query))
	}
	for _, table := range []string{"child0", "child1"} {
		if strings.Contains(strings.Join(w.script, "\n"), "CREATE TABLE "+table) {
			all = append(all, w.ask(t, db, "SELECT * FROM "+table))
		}
	}
	if strings.Contains(w.script[0], "AUTOINCREMENT") {
		all = append(all, w.ask(t, db, "SELECT name, seq FROM sqlite_sequence ORDER BY 1"))
	}
	if !strings.Contains(w.script[0], "WITHOUT") && !strings.Contains(w.script[0], "PRIMARY KEY") {
		all = append(all, w.ask(t, db, "SELECT _rowid_ FROM "+w.table))
	}
	return strings.Join(all, "\n")
}

func (w *world) ask(t *rapid.T, db *sql.DB, query string) string {
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var all []string
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%q\n", values))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

// open makes the database, in memory.
func (w *world) open(t *rapid.T) (*sqlite.Backend, *sql.DB) {
	b := sqlitefile.Open(sqlite.Memory)
	if err := b.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := b.DB()
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range w.script {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return b, db
}

// Whatever stands around a table, after its rebuild all but the wished change
// is as it was; or the rebuild was refused, and nothing was written.
func TestRebuildKeepsTheRest(t *testing.T) {
	refusals, wishes := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		b, db := w.open(t)
		defer b.Close()
		wishes++
		script, err := fastmigrate.Rebuild(t.Context(), b, w.wish)
		if err != nil {
			refusals++
			needed := len(w.wish.Drop) > 0 || w.wish.Columns != "" || w.wish.Options != nil || len(w.wish.Rename) > 0
			if errors.Is(err, migration.ErrRefused) && needed {
				return
			}
			t.Fatalf("%v\n%s", err, strings.Join(w.script, ";\n"))
		}
		oracle, want := w.open(t) // by SQLite's own hand
		defer oracle.Close()
		for _, statement := range w.renames {
			if _, err := want.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		broken := w.ask(t, want, "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2")
		m, err := fastmigrate.New(b, files{"0001-rebuild.sql": string(script)}.source(), fastmigrate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Up(t.Context()); err != nil {
			t.Fatalf("%v\n%s\n\n%s", err, strings.Join(w.script, ";\n"), script)
		}
		if got, want := w.portrait(t, db), w.portrait(t, want); got != want {
			t.Fatalf("got\n%s\nwant\n%s\nscript\n%s", got, want, script)
		}
		if got := w.ask(t, db, "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2"); got != broken {
			t.Fatalf("foreign keys: %s, want %s", got, broken)
		}
		if got := w.ask(t, db, "PRAGMA integrity_check"); got != "[\"ok\"]\n" {
			t.Fatal(got)
		}
	})
	if refusals*2 > wishes {
		t.Errorf("%d of %d rebuilds were refused: hardly anything was tested", refusals, wishes)
	}
}
