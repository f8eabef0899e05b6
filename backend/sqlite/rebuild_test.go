package sqlite_test

import (
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// people is a table with all that a rebuild may lose.
const people = `
CREATE TABLE people (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- the id
  name TEXT, age INT CHECK (people.age > 0), "the boss" REFERENCES people (id),
  shout TEXT AS (upper(name)) STORED
);
CREATE TABLE pets (x INTEGER PRIMARY KEY, owner REFERENCES people ON DELETE CASCADE);
CREATE TABLE log (x);
CREATE INDEX by_name ON people (name) WHERE age > 3; -- partial
CREATE VIEW adults AS SELECT * FROM people WHERE age > 18;
CREATE VIEW adult_pets AS SELECT * FROM pets JOIN adults ON owner = id;
CREATE TRIGGER born AFTER INSERT ON people BEGIN INSERT INTO log VALUES (new.name); END;
CREATE TRIGGER logged AFTER INSERT ON log WHEN new.x = 'a' BEGIN UPDATE people SET age = 2 WHERE id = 1; END;
CREATE TRIGGER grown INSTEAD OF INSERT ON adults BEGIN INSERT INTO people (name) VALUES (new.name); END;
INSERT INTO people (name, age) VALUES ('a', 3), ('b', 4), ('c', NULL);
DELETE FROM people WHERE id = 3;
INSERT INTO pets (owner) VALUES (1), (2);
DELETE FROM log;
ANALYZE;
`

// rebuilt writes the script for a database with the given schema.
func rebuilt(t *testing.T, path string, r backend.Rebuild) (string, error) {
	t.Helper()
	b := sqlitefile.Open(path)
	defer b.Close()
	script, err := fastmigrate.Rebuild(t.Context(), b, r)
	return string(script), err
}

func newPeople(t *testing.T) string {
	t.Helper()
	path := newFile(t)
	do(t, path, people)
	return path
}

const around = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT IN ('people', '_meta', '_fastmigrate_history') AND name NOT LIKE 'sqlite%' ORDER BY 1, 2"

func TestRebuildTable(t *testing.T) {
	path := newPeople(t)
	before := ask(t, path, around)
	script, err := rebuilt(t, path, backend.Rebuild{
		Table:  "PEOPLE",
		Change: []string{"name TEXT NOT NULL COLLATE NOCASE"},
		Add:    []string{"email TEXT DEFAULT 'none'", "CHECK (people.name <> '')"},
		Drop:   []string{"Shout"},
		Fill:   map[string]string{"age": "age + 1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	mustUp(t, path, files{"0001-rebuild.sql": script})
	if after := ask(t, path, around); after != before {
		t.Errorf("around the table there is now\n%s\nwant\n%s", after, before)
	}
	check(t, path, "SELECT * FROM people", "1|a|3||none 2|b|5||none")
	check(t, path, "SELECT * FROM pets", "1|1 2|2")
	check(t, path, "SELECT count(*) FROM log", "0") // no trigger ran
	check(t, path, "SELECT seq FROM sqlite_sequence WHERE name = 'people'", "3")
	check(t, path, "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'people'", "2")
	check(t, path, "SELECT sql FROM sqlite_schema WHERE name = 'people'", `CREATE TABLE "people" (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- the id
  name TEXT NOT NULL COLLATE NOCASE, age INT CHECK ("people".age > 0), "the boss" REFERENCES people (id),
  email TEXT DEFAULT 'none',
  CHECK ("people".name <> '')
)`)
	check(t, path, "PRAGMA foreign_key_check", "")
	check(t, path, "PRAGMA integrity_check", "ok")
	// The triggers work, and so do the foreign keys.
	do(t, path, "PRAGMA foreign_keys = ON; INSERT INTO adults (name) VALUES ('d'); DELETE FROM people WHERE id = 2")
	check(t, path, "SELECT x FROM log", "d")
	check(t, path, "SELECT max(id) FROM people", "4")
	check(t, path, "SELECT * FROM pets", "1|1")
}

// A column's new name reaches all that refers to it.
func TestRebuildRename(t *testing.T) {
	path := newPeople(t)
	script, err := rebuilt(t, path, backend.Rebuild{
		Table:  "people",
		Rename: []backend.Rename{{From: "age", To: "years"}, {From: "name", To: "full name"}},
		Change: []string{"years REAL"}, Without: []string{"grown"},
	})
	if err != nil {
		t.Fatal(err)
	}
	mustUp(t, path, files{"0001-rebuild.sql": script})
	check(t, path, `SELECT id, "full name", years, shout FROM people`, "1|a|2|A 2|b|4|B")
	check(t, path, "SELECT sql FROM sqlite_schema WHERE name = 'adults'", `CREATE VIEW adults AS SELECT * FROM people WHERE "years" > 18`)
	do(t, path, "INSERT INTO people (\"full name\", years) VALUES ('z', 20); INSERT INTO log VALUES ('a')")
	check(t, path, "SELECT years FROM people", "2 4 20")
}

func TestRebuildOptions(t *testing.T) {
	path := newFile(t)
	do(t, path, `CREATE TABLE tags (name TEXT, n, PRIMARY KEY (name)) WITHOUT ROWID; INSERT INTO tags VALUES ('a', 1), ('b', 'x')`)
	strict := "STRICT, WITHOUT ROWID"
	script, err := rebuilt(t, path, backend.Rebuild{Table: "tags", Options: &strict, Change: []string{"n ANY"}})
	if err != nil {
		t.Fatal(err)
	}
	none := ""
	mustUp(t, path, files{"0001-strict.sql": script})
	check(t, path, "SELECT wr, strict FROM pragma_table_list('tags')", "1|1")
	check(t, path, "SELECT name, n, typeof(n) FROM tags", "a|1|integer b|x|text")
	// A whole statement is a definition, too, and brings its options.
	script2, err := rebuilt(t, path, backend.Rebuild{Table: "tags", Columns: "CREATE TABLE tags (\n  n, name TEXT NOT NULL -- last\n) STRICT", Options: &none})
	if err != nil {
		t.Fatal(err)
	}
	mustUp(t, path, files{"0001-strict.sql": script, "0002-lax.sql": script2})
	check(t, path, "SELECT wr, strict FROM pragma_table_list('tags')", "0|0")
	check(t, path, "SELECT * FROM tags", "1|a x|b")
}

// A search index knows rows by their rowid.
func TestRebuildKeepsRowids(t *testing.T) {
	path := newFile(t)
	do(t, path, `CREATE TABLE notes (body TEXT, rowid TEXT);
		INSERT INTO notes (_rowid_, body) VALUES (3, 'three'), (7, 'seven');
		CREATE VIRTUAL TABLE search USING fts5(body, content='notes', content_rowid='_rowid_');
		INSERT INTO search (search) VALUES ('rebuild')`)
	script, err := rebuilt(t, path, backend.Rebuild{Table: "notes", Change: []string{"body TEXT NOT NULL"}})
	if err != nil {
		t.Fatal(err)
	}
	mustUp(t, path, files{"0001-rebuild.sql": script})
	check(t, path, "SELECT _rowid_, body FROM notes", "3|three 7|seven")
	check(t, path, "SELECT body FROM search('seven')", "seven")

	// They become the values of a new key.
	more, err := rebuilt(t, path, backend.Rebuild{Table: "notes", Columns: "id INTEGER PRIMARY KEY, body TEXT", Drop: []string{"rowid"}})
	if err != nil {
		t.Fatal(err)
	}
	mustUp(t, path, files{"0001-rebuild.sql": script, "0002-more.sql": more})
	check(t, path, "SELECT id, body FROM notes", "3|three 7|seven")
}

// The draft is a script that changes nothing, and that fails where an edit
// would lose something by mistake.
func TestRebuildDraft(t *testing.T) {
	path := newPeople(t)
	before := ask(t, path, "SELECT * FROM people")
	draft, err := rebuilt(t, path, backend.Rebuild{Table: "people"})
	if err != nil {
		t.Fatal(err)
	}
	careless := strings.Replace(draft, "age INT CHECK (\"_fastmigrate_new_people\".age > 0), ", "", 1)
	if careless == draft {
		t.Fatal("the draft has another form:\n" + draft)
	}
	_, err = up(t, path, files{"0001-rebuild.sql": careless})
	wantError(t, err, nil, "age", "0001-rebuild.sql")
	mustUp(t, path, files{"0001-rebuild.sql": draft})
	check(t, path, "SELECT * FROM people", before)
}

func TestRebuildRefuses(t *testing.T) {
	path := newPeople(t)
	do(t, path, `CREATE TABLE mail (owner REFERENCES people (name)); CREATE UNIQUE INDEX one_name ON people (name);
		CREATE VIRTUAL TABLE search USING fts5(body);
		CREATE TRIGGER bossed AFTER UPDATE OF "the boss" ON people BEGIN SELECT 1; END`)
	tests := []struct {
		name string
		wish backend.Rebuild
		want []string
	}{
		{"a lost column", backend.Rebuild{Columns: "id INTEGER PRIMARY KEY, name TEXT"}, []string{"column age of people would be lost", "--drop age"}},
		{"a column that becomes generated", backend.Rebuild{Change: []string{"age AS (1)"}}, []string{"values of column age would be lost"}},
		{"a column that nothing fills", backend.Rebuild{Add: []string{"email TEXT NOT NULL"}}, []string{"what the new column email holds", "--fill 'email="}},
		{"an index on a dropped column", backend.Rebuild{Drop: []string{"age"}}, []string{"the index by_name would not work any more", "--without by_name"}},
		{"a view on a dropped column", backend.Rebuild{Drop: []string{"age"}, Without: []string{"by_name", "logged"}}, []string{"the view adult", "--without adult"}},
		{"a trigger on a dropped column", backend.Rebuild{Drop: []string{"age"}, Without: []string{"by_name", "adults", "adult_pets", "grown"}}, []string{"what a change of people sets off would not work any more: no such column: age"}},
		{"a trigger that waits for a dropped column", backend.Rebuild{Drop: []string{"the boss"}}, []string{"the trigger bossed would not work any more: it waits for changes of the boss", "--without bossed"}},
		{"a key that is referred to", backend.Rebuild{Without: []string{"one_name"}}, []string{"foreign keys to people would not work any more"}},
		{"a syntax error", backend.Rebuild{Change: []string{"age INT CHECK 1"}}, []string{"people cannot be defined so"}},
		{"more than one statement", backend.Rebuild{Columns: "id, name); DROP TABLE people; --"}, []string{"closes a parenthesis"}},
		{"another table", backend.Rebuild{Columns: "CREATE TABLE pets (x)"}, []string{"that of pets, and not of people"}},
		{"no such column to drop", backend.Rebuild{Drop: []string{"ago"}}, []string{"no column ago"}},
		{"no such column to change", backend.Rebuild{Change: []string{"ago INT"}}, []string{"no column ago"}},
		{"no such column to fill", backend.Rebuild{Fill: map[string]string{"ago": "1"}}, []string{"no column ago"}},
		{"no such column to rename", backend.Rebuild{Rename: []backend.Rename{{From: "ago", To: "b"}}}, []string{"ago cannot be renamed"}},
		{"a trigger that SQLite can't give the new name", backend.Rebuild{Rename: []backend.Rename{{From: "name", To: "title"}}}, []string{"the trigger grown would not work", "--without grown"}},
		{"no such index", backend.Rebuild{Without: []string{"by_nam"}}, []string{"no index, trigger or view by_nam"}},
		{"no such table", backend.Rebuild{Table: "peopl"}, []string{"no table peopl"}},
		{"a view", backend.Rebuild{Table: "adults"}, []string{"adults is a view"}},
		{"a virtual table", backend.Rebuild{Table: "search"}, []string{"search is a virtual table"}},
		{"our own table", backend.Rebuild{Table: "_meta"}, []string{"no table _meta"}},
	}
	before := ask(t, path, "SELECT * FROM sqlite_schema")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.wish.Table == "" {
				tt.wish.Table = "people"
			}
			_, err := rebuilt(t, path, tt.wish)
			wantError(t, err, migration.ErrRefused, tt.want...)
		})
	}
	check(t, path, "SELECT * FROM sqlite_schema", before)
}

// A database that is not the one that the script was written for is left alone.
func TestRebuildElsewhere(t *testing.T) {
	script, err := rebuilt(t, newPeople(t), backend.Rebuild{
		Table: "people", Add: []string{"UNIQUE (name) ON CONFLICT IGNORE"}, Change: []string{`"the boss" REFERENCES people (id)`},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, statement, want string }{
		{"another column", "ALTER TABLE people ADD COLUMN phone", "people has other columns than this migration knows"},
		{"another index", "CREATE INDEX by_age ON people (age)", "people has other indexes or triggers"},
		{"another trigger", "CREATE TRIGGER more AFTER DELETE ON people BEGIN SELECT 1; END", "people has other indexes or triggers"},
		{"another view", "CREATE VIEW names AS SELECT name FROM people", "error in view names"},
		{"a row that would be ignored", "INSERT INTO people (name) VALUES ('a')", "rows of people would be lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := newPeople(t)
			do(t, path, tt.statement)
			before := ask(t, path, "SELECT * FROM sqlite_schema") + ask(t, path, "SELECT * FROM people")
			_, err := up(t, path, files{"0001-rebuild.sql": script})
			wantError(t, err, nil, tt.want)
			if after := ask(t, path, "SELECT * FROM sqlite_schema WHERE name <> '_fastmigrate_history'") + ask(t, path, "SELECT * FROM people"); after != before {
				t.Errorf("it was changed:\n%s\nwant\n%s", after, before)
			}
		})
	}
}

// Rows that refer to nothing may be there before; none may come.
func TestRebuildForeignKeys(t *testing.T) {
	path := newPeople(t)
	do(t, path, "INSERT INTO pets (owner) VALUES (77)")
	script, err := rebuilt(t, path, backend.Rebuild{Table: "people", Change: []string{"age INT REFERENCES pets (x)"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = up(t, path, files{"0001-rebuild.sql": script}) // no pet 4
	wantError(t, err, nil, "foreign keys would be broken")
	do(t, path, "INSERT INTO pets (x) VALUES (4)")
	mustUp(t, path, files{"0001-rebuild.sql": script})
	check(t, path, "SELECT owner FROM pets", "1 2 77 ")
}
