package schemadiff

import (
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/sqldef"
)

// words compares, of the tables that both have, what is only in their text.
func (d *differences) words() {
	for _, o := range d.from.objects {
		a, here := d.from.written[o.Name]
		b, there := d.to.written[o.Name]
		if o.Kind != "table" || !here || !there || sqldef.Normal(d.from.text("table", o.Name)) == sqldef.Normal(d.to.text("table", o.Name)) {
			continue
		}
		d.columns(o.Name, a, b)
		d.constraints(o.Name, a, b)
	}
}

// columns compares the definitions of columns, and their order.
func (d *differences) columns(table string, a, b sqldef.Definition) {
	var here, there []string
	for _, part := range a.Parts {
		name := sqldef.ColumnOf(part)
		n := b.Find(name)
		if name == "" || n < 0 {
			continue
		}
		here = append(here, strings.ToLower(name))
		if sqldef.Normal(part) != sqldef.Normal(b.Parts[n]) && !d.told[place{table, "column", name}] && !d.explained(table, part, b.Parts[n]) {
			d.add("changed", "column", table, name, strings.TrimSpace(part), strings.TrimSpace(b.Parts[n]))
		}
	}
	for _, part := range b.Parts {
		if name := sqldef.ColumnOf(part); name != "" && a.Find(name) >= 0 {
			there = append(there, strings.ToLower(name))
		}
	}
	if !slices.Equal(here, there) {
		d.add("changed", "order", table, "", strings.Join(here, ", "), strings.Join(there, ", "))
	}
}

// constraints compares the constraints of the table.
func (d *differences) constraints(table string, a, b sqldef.Definition) {
	missing := func(from, in sqldef.Definition) (parts []string) {
		for _, part := range from.Parts {
			same := func(other string) bool { return sqldef.Normal(other) == sqldef.Normal(part) }
			if sqldef.ColumnOf(part) == "" && !slices.ContainsFunc(in.Parts, same) && !d.explained(table, part, "") {
				parts = append(parts, strings.TrimSpace(part))
			}
		}
		return parts
	}
	for _, part := range missing(a, b) {
		d.add("removed", "constraint", table, "", part, "")
	}
	for _, part := range missing(b, a) {
		d.add("added", "constraint", table, "", "", part)
	}
}

// explained says whether parts differ in a foreign key or a key that was told
// already.
func (d *differences) explained(table, part, other string) bool {
	text := " " + sqldef.Normal(part) + " " + sqldef.Normal(other) + " "
	for at := range d.told {
		if at.table == table && (at.kind == "foreign-key" && strings.Contains(text, " references ") ||
			at.kind == "primary-key" && strings.Contains(text, " primary key ") ||
			at.kind == "index" && strings.HasPrefix(at.name, "UNIQUE (") && strings.Contains(text, " unique ")) {
			return true
		}
	}
	return false
}

// objects compares views, triggers and virtual tables by their words.
func (d *differences) objects() {
	find := func(t *tables, o backend.Object) (backend.Object, bool) {
		n := slices.IndexFunc(t.objects, func(x backend.Object) bool { return x.Kind == o.Kind && x.Name == o.Name })
		if n < 0 {
			return backend.Object{}, false
		}
		return t.objects[n], true
	}
	for _, o := range d.from.objects {
		if !byWords(o) {
			continue
		}
		switch other, there := find(d.to, o); {
		case !there:
			d.add("removed", o.Kind, o.Table, o.Name, o.SQL, "")
		case byWords(other) && sqldef.Normal(o.SQL) != sqldef.Normal(other.SQL), !byWords(other):
			d.add("changed", o.Kind, o.Table, o.Name, o.SQL, other.SQL)
		}
	}
	for _, o := range d.to.objects {
		if _, there := find(d.from, o); byWords(o) && !there {
			d.add("added", o.Kind, o.Table, o.Name, "", o.SQL)
		}
	}
}

func byWords(o backend.Object) bool {
	return o.Kind == "view" || o.Kind == "trigger" || virtual(o)
}
