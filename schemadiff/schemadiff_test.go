package schemadiff_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/schemadiff"
)

// database makes a database in memory with a schema.
func database(t testing.TB, statements string) *sqlite.Backend {
	t.Helper()
	b := sqlitefile.Open(sqlite.Memory)
	t.Cleanup(func() { b.Close() })
	if err := b.Create(context.Background()); err != nil {
		t.Fatal(err)
	}
	db, err := b.DB()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
	return b
}

// schema is one in which atlas's own reading would stumble, or see too little.
const schema = `
CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE, age INT DEFAULT 7 CHECK (age > 0), twice AS (age * 2));
CREATE TABLE "it's ""odd"" (1)" ([a b] VARCHAR (10), "x" REFERENCES people, UNIQUE ([a b], x));
CREATE TABLE tags (person INTEGER REFERENCES people (id) ON DELETE CASCADE, name TEXT, PRIMARY KEY (name, person)) STRICT, WITHOUT ROWID;
CREATE INDEX by_age ON people (age DESC, lower(name)) where age is not null;
CREATE VIRTUAL TABLE search USING fts5(body);
CREATE VIEW adults AS SELECT * FROM people WHERE age > 18;
CREATE TRIGGER born AFTER INSERT ON people BEGIN UPDATE people SET name = 'a  b' WHERE id = new.id; END;
`

func TestSame(t *testing.T) {
	// Another spelling is the same schema.
	other := strings.NewReplacer("name TEXT", "\"name\"  text", "CREATE VIEW adults", "CREATE VIEW [adults] -- who\n", "age > 0", "age>0",
		"INDEX by_age ON people", "index \"by_age\" on \"people\"", "WHERE id = new.id", "where \"id\"=new.id").Replace(schema)
	found, err := schemadiff.Compare(t.Context(), database(t, schema), database(t, other))
	if err != nil || len(found) > 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestCompare(t *testing.T) {
	tests := []struct{ name, from, to, want string }{
		{"a table", "CREATE TABLE tags", "CREATE TABLE labels", "+ table labels labels\n- table tags tags"},
		{"a column more", "name TEXT COLLATE", "phone, name TEXT COLLATE", "+ column people phone"},
		{"a type", "age INT", "age REAL", "~ column people age"},
		{"a type of the same affinity", "VARCHAR (10)", "VARCHAR (20)", `~ column it's "odd" (1) a b`},
		{"a default", "DEFAULT 7", "DEFAULT 8", "~ column people age"},
		{"required", "age INT", "age INT NOT NULL", "~ column people age"},
		{"a collation", "NOCASE", "RTRIM", "~ column people name"},
		{"a check", "age > 0", "age > 1", "~ column people age"},
		{"a string", "'a  b'", "'a b'", "~ trigger people born"},
		{"an expression", "age * 2", "age * 3", "~ column people twice"},
		{"a stored column", "(age * 2)", "(age * 2) STORED", "~ column people twice"},
		{"AUTOINCREMENT", " AUTOINCREMENT", "", "~ column people id"},
		{"a primary key", "PRIMARY KEY (name, person)", "PRIMARY KEY (person, name)", "~ primary-key tags"},
		{"STRICT", "STRICT, ", "", "- option tags STRICT"},
		{"WITHOUT ROWID", "STRICT, WITHOUT ROWID", "STRICT", "- option tags WITHOUT ROWID"},
		{"a foreign key's effect", "ON DELETE CASCADE", "ON DELETE SET NULL", "~ foreign-key tags (person) REFERENCES people (id)"},
		{"a foreign key less", "REFERENCES people (id) ON DELETE CASCADE", "", "- foreign-key tags (person) REFERENCES people (id)"},
		{"a foreign key that names its column", "REFERENCES people,", "REFERENCES people (id),", `~ column it's "odd" (1) x`},
		{"a deferred foreign key", "CASCADE,", "CASCADE DEFERRABLE INITIALLY DEFERRED,", "~ column tags person"},
		{"a unique constraint", ", UNIQUE ([a b], x)", "", `- index it's "odd" (1) UNIQUE (a b, x)`},
		{"a conflict clause", "UNIQUE ([a b], x)", "UNIQUE ([a b], x) ON CONFLICT IGNORE", "- constraint it's \"odd\" (1)\n+ constraint it's \"odd\" (1)"},
		{"an index's order", "age DESC", "age", "~ index people by_age"},
		{"an index's expression", "lower(name)", "upper(name)", "~ index people by_age"},
		{"an index's condition", "where age is not null", "where age > 1", "~ index people by_age"},
		{"a unique index", "CREATE INDEX", "CREATE UNIQUE INDEX", "~ index people by_age"},
		{"the order of columns", "name TEXT COLLATE NOCASE, age INT DEFAULT 7 CHECK (age > 0),", "age INT DEFAULT 7 CHECK (age > 0), name TEXT COLLATE NOCASE,", "~ order people"},
		{"a view", "age > 18", "age >= 18", "~ view adults adults"},
		{"a view less", "CREATE VIEW adults AS SELECT * FROM people WHERE age > 18;", "", "- view adults adults"},
		{"a trigger", "AFTER INSERT", "BEFORE INSERT", "~ trigger people born"},
		{"a trigger more", "CREATE VIEW", "CREATE TRIGGER more AFTER DELETE ON people BEGIN SELECT 1; END; CREATE VIEW", "+ trigger people more"},
		{"a virtual table", "fts5(body)", "fts5(body, title)", "~ table search search"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(schema, tt.from) {
				t.Fatalf("the schema has no %q", tt.from)
			}
			found, err := schemadiff.Compare(t.Context(), database(t, schema), database(t, strings.Replace(schema, tt.from, tt.to, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, lines(found)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// lines returns differences, a line each.
func lines(found []backend.Difference) string {
	var all []string
	for _, d := range found {
		mark := map[string]string{"added": "+", "removed": "-", "changed": "~"}[d.Change]
		all = append(all, strings.TrimSpace(strings.Join([]string{mark, d.Kind, d.Table, d.Name}, " ")))
	}
	return strings.Join(all, "\n")
}

// What differs from there to here differs from here to there.
func TestBothWays(t *testing.T) {
	empty := database(t, "")
	full := database(t, schema)
	gained, err := schemadiff.Compare(t.Context(), empty, full)
	if err != nil {
		t.Fatal(err)
	}
	lost, err := schemadiff.Compare(t.Context(), full, empty)
	if err != nil {
		t.Fatal(err)
	}
	const want = "+ table it's \"odd\" (1) it's \"odd\" (1)\n+ table people people\n+ table search search\n+ table tags tags\n+ view adults adults\n+ trigger people born"
	if got := lines(gained); got != want {
		t.Errorf("gained\n%s", got)
	}
	if got := strings.ReplaceAll(lines(lost), "- ", "+ "); got != want {
		t.Errorf("lost\n%s", got)
	}
}

func TestUnsupported(t *testing.T) {
	_, err := schemadiff.Compare(t.Context(), database(t, ""), backendtest.NewMemory().Open())
	if !errors.Is(err, migration.ErrUnsupported) {
		t.Error(err)
	}
}

func ExampleCompare() {
	ctx := context.Background()
	open := func(schema string) *sqlite.Backend {
		b := sqlitefile.Open(sqlite.Memory)
		db, err := b.DB()
		if err == nil {
			_, err = db.Exec(schema)
		}
		if err != nil {
			panic(err)
		}
		return b
	}
	wanted := open("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
	defer wanted.Close()
	there := open("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL); CREATE INDEX by_name ON people (name)")
	defer there.Close()
	found, err := schemadiff.Compare(ctx, wanted, there)
	for _, d := range found {
		fmt.Println(d.Change, d.Kind, d.Name)
	}
	fmt.Println(err)
	// Output:
	// changed column name
	// added index by_name
	// <nil>
}
