package sqlite

import (
	"slices"
	"strings"
)

// outline is what is known of a schema by the words of its statements: which
// indexes and triggers belong to which table, and who refers to whom. Tables
// are known by their names in lower case.
type outline struct {
	tables     map[string]*owned
	references []leads

	// Of the script that is being followed:
	enforced bool              // foreign keys are on
	legacy   bool              // a new name of a table does not reach what refers to it
	former   map[string]string // the names that tables had before they got those they have
	gone     []vanished
}

// owned is what belongs to a table.
type owned struct {
	name string
	had  []item
}

// leads is a foreign key, and what becomes of the child's rows when the
// parent's are deleted; it is empty where SQLite refuses that.
type leads struct{ child, parent, effect string }

// vanished is a table that was dropped.
type vanished struct {
	owned
	was     string   // the name that it was dropped by
	is      string   // the name under which it may be made anew
	emptied []string // what dropping it did to the rows of other tables
}

// begin forgets what is of one script only.
func (o *outline) begin() {
	o.enforced, o.legacy, o.former, o.gone = false, false, make(map[string]string), nil
}

// apply does what a statement says. It is bare where it runs outside of any
// transaction: elsewhere SQLite does not heed PRAGMA foreign_keys.
func (o *outline) apply(d action, bare bool) {
	name, table := strings.ToLower(d.name), strings.ToLower(d.table)
	switch d.verb + " " + d.kind {
	case "create table":
		if o.tables[name] == nil {
			o.tables[name] = &owned{name: d.name}
			for _, r := range d.references {
				o.references = append(o.references, leads{d.name, strings.ToLower(r.parent), r.effect})
			}
		}
	case "create index", "create trigger":
		if t := o.tables[table]; t != nil {
			t.had = append(t.had, item{kind: d.kind, name: d.name})
		}
	case "drop index", "drop trigger":
		for _, t := range o.tables {
			t.had = slices.DeleteFunc(t.had, func(i item) bool { return strings.EqualFold(i.name, d.name) })
		}
	case "drop table":
		o.drop(name)
	case "rename table":
		o.rename(name, d.to)
	case "set foreign_keys":
		if bare {
			o.enforced = d.on
		}
	case "set legacy_alter_table":
		o.legacy = d.on
	}
}

// drop takes a table away.
func (o *outline) drop(name string) {
	t := o.tables[name]
	if t == nil {
		return
	}
	delete(o.tables, name)
	g := vanished{owned: *t, was: name, is: name}
	if former, renamed := o.former[name]; renamed {
		g.is = former
	}
	for _, r := range o.references {
		if o.enforced && r.parent == name && r.effect != "" && !strings.EqualFold(r.child, t.name) {
			g.emptied = append(g.emptied, r.effect+" of "+r.child)
		}
	}
	o.references = slices.DeleteFunc(o.references, func(r leads) bool { return strings.EqualFold(r.child, t.name) })
	o.gone = append(o.gone, g)
}

// rename gives a table another name, with what belongs to it and refers to it.
func (o *outline) rename(name, to string) {
	t := o.tables[name]
	if t == nil {
		return
	}
	delete(o.tables, name)
	for n := range o.references {
		r := &o.references[n]
		if strings.EqualFold(r.child, t.name) {
			r.child = to
		}
		if r.parent == name && (!o.legacy || o.enforced) {
			r.parent = strings.ToLower(to)
		}
	}
	o.former[strings.ToLower(to)] = name
	t.name = to
	o.tables[strings.ToLower(to)] = t
}
