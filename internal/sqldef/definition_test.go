package sqldef_test

import (
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/sqldef"
)

func TestParse(t *testing.T) {
	tests := []struct{ text, want string }{
		{"a, b", "|a| b|"},
		{"a DEFAULT (f(1, ',')), b -- x, y\n", "|a DEFAULT (f(1, ','))| b -- x, y\n|"},
		{"CREATE TABLE t (a)", "t|a|"},
		{"CREATE TABLE \"a (b\" (\n a, 'b, c' TEXT /* , ) */\n) STRICT, WITHOUT ROWID;", "a (b|\n a| 'b, c' TEXT /* , ) */\n|STRICT, WITHOUT ROWID"},
		{"CREATE INDEX i ON t (a, lower(b) DESC) WHERE (a > 1 OR b IN (2, 3))", "t|a| lower(b) DESC|WHERE (a > 1 OR b IN (2, 3))"},
		{"a) STRICT; DROP TABLE b; --", "error"},
		{"a; b", "error"},
		{"a (", "error"},
		{"CREATE TABLE t (a", "error"},
		{"CREATE TABLE t", "error"},
		{"a DEFAULT 'x", "error"},
	}
	for _, tt := range tests {
		d, err := sqldef.Parse(tt.text)
		got := strings.Join(append(append([]string{d.Table}, d.Parts...), d.Options), "|")
		if err != nil {
			got = "error"
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

const laidOut = `CREATE TABLE people (
  id INTEGER PRIMARY KEY, -- the key
  "Full Name" TEXT, /* how */
  CHECK (people.id > 0),
  FOREIGN KEY (id) REFERENCES people (id)
) STRICT`

// Comments and lines stay where they are.
func TestEdit(t *testing.T) {
	tests := []struct {
		name string
		edit func(*sqldef.Definition) error
		old  string
		new  string
	}{
		{"change", func(d *sqldef.Definition) error { return d.Change(" \"full name\" TEXT NOT NULL ") }, `"Full Name" TEXT,`, `"full name" TEXT NOT NULL,`},
		{"add a column", func(d *sqldef.Definition) error { d.Add("age INT"); return nil }, "/* how */\n", "/* how */\n  age INT,\n"},
		{"add a constraint", func(d *sqldef.Definition) error { d.Add("UNIQUE (id)"); return nil }, "(id)\n)", "(id),\n  UNIQUE (id)\n)"},
		{"drop", func(d *sqldef.Definition) error { d.Drop("FULL NAME"); return nil }, "\n  \"Full Name\" TEXT, /* how */", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := sqldef.Parse(laidOut)
			if err == nil {
				err = tt.edit(&d)
			}
			if err != nil {
				t.Fatal(err)
			}
			want := strings.NewReplacer("CREATE TABLE people (", `CREATE TABLE "new" (`, "people.id", `"new".id`).Replace(strings.Replace(laidOut, tt.old, tt.new, 1))
			if got := d.Create("people", "new"); strings.ReplaceAll(got, " /* how */", "") != strings.ReplaceAll(want, " /* how */", "") {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	d, _ := sqldef.Parse("a, b -- last")
	d.Add("c")
	if got := d.Create("t", "t"); got != "CREATE TABLE \"t\" (a, b -- last\n, c)" {
		t.Errorf("behind a comment: %q", got)
	}
	d.Drop("c")
	if d.Drop("b"); d.Create("t", "t") != `CREATE TABLE "t" (a)` {
		t.Errorf("dropped: %q", d.Create("t", "t"))
	}
	if err := d.Change("z INT"); err == nil {
		t.Error("changed a column that is not there")
	}
	if err := d.Change("CHECK (a)"); err == nil {
		t.Error("changed a constraint")
	}
}

func TestNormal(t *testing.T) {
	for _, text := range []string{"SELECT \"A\",[b] FROM `c` WHERE x='It''s  A'", "select a , b -- so\nFROM c where X = 'It''s  A'"} {
		if got := sqldef.Normal(text); got != "select a , b from c where x = 'It''s  A'" {
			t.Errorf("%q: %q", text, got)
		}
	}
}
