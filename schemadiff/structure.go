package schemadiff

import "strings"

// part is something that a table consists of: a column, a key, an index, a
// foreign key or an option.
type part struct {
	kind, name string
	same       string // two parts of one kind and name are the same where this is
	text       string // the definition that a person is shown
}

// structure tells which tables, and which of their parts, are not in both
// schemas, or not alike.
func (d *differences) structure() {
	for _, name := range d.from.names {
		if _, there := d.to.parts[name]; !there {
			d.add("removed", "table", name, name, d.from.text("table", name), "")
			continue
		}
		d.inTable(name)
	}
	for _, name := range d.to.names {
		if _, there := d.from.parts[name]; !there {
			d.add("added", "table", name, name, "", d.to.text("table", name))
		}
	}
}

// inTable compares the parts of a table that is in both.
func (d *differences) inTable(table string) {
	before, after := d.from.parts[table], d.to.parts[table]
	for _, a := range before {
		switch b, there := a.among(after); {
		case !there:
			d.add("removed", a.kind, table, a.name, a.text, "")
		case a.same != b.same:
			d.add("changed", a.kind, table, a.name, a.text, b.text)
		}
	}
	for _, b := range after {
		if _, there := b.among(before); !there {
			d.add("added", b.kind, table, b.name, "", b.text)
		}
	}
}

// among returns the part of the same kind and name.
func (p part) among(parts []part) (part, bool) {
	for _, other := range parts {
		if other.kind == p.kind && other.name == p.name {
			return other, true
		}
	}
	return part{}, false
}

// text returns the statement that makes a thing.
func (t *tables) text(kind, name string) string {
	for _, o := range t.objects {
		if o.Kind == kind && o.Name == name {
			return o.SQL
		}
	}
	return ""
}

// column returns a column's definition.
func (t *tables) column(table, name string) string {
	d := t.written[table]
	if n := d.Find(name); n >= 0 {
		return strings.TrimSpace(d.Parts[n])
	}
	return name
}
