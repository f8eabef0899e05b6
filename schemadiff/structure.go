package schemadiff

import (
	"strings"

	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// structure tells what atlas has found.
func (d *differences) structure(changes []schema.Change) {
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			d.add("added", "table", c.T.Name, c.T.Name, "", d.to.text("table", c.T.Name))
		case *schema.DropTable:
			d.add("removed", "table", c.T.Name, c.T.Name, d.from.text("table", c.T.Name), "")
		case *schema.ModifyTable:
			for _, in := range c.Changes {
				d.inTable(c.T.Name, in)
			}
		}
	}
}

// inTable tells of one change of a table.
func (d *differences) inTable(table string, c schema.Change) {
	switch c := c.(type) {
	case *schema.AddColumn:
		d.add("added", "column", table, c.C.Name, "", d.to.column(table, c.C.Name))
	case *schema.DropColumn:
		d.add("removed", "column", table, c.C.Name, d.from.column(table, c.C.Name), "")
	case *schema.ModifyColumn:
		d.add("changed", "column", table, c.To.Name, d.from.column(table, c.From.Name), d.to.column(table, c.To.Name))
	case *schema.AddPrimaryKey:
		d.add("added", "primary-key", table, "", "", key(c.P))
	case *schema.DropPrimaryKey:
		d.add("removed", "primary-key", table, "", key(c.P), "")
	case *schema.ModifyPrimaryKey:
		d.add("changed", "primary-key", table, "", key(c.From), key(c.To))
	case *schema.AddIndex:
		d.add("added", "index", table, c.I.Name, "", d.to.text("index", c.I.Name))
	case *schema.DropIndex:
		d.add("removed", "index", table, c.I.Name, d.from.text("index", c.I.Name), "")
	case *schema.ModifyIndex:
		d.add("changed", "index", table, c.To.Name, d.from.text("index", c.From.Name), d.to.text("index", c.To.Name))
	case *schema.AddForeignKey:
		d.add("added", "foreign-key", table, c.F.Symbol, "", effects(c.F))
	case *schema.DropForeignKey:
		d.add("removed", "foreign-key", table, c.F.Symbol, effects(c.F), "")
	case *schema.ModifyForeignKey:
		d.add("changed", "foreign-key", table, c.To.Symbol, effects(c.From), effects(c.To))
	case *schema.AddAttr:
		d.add("added", "option", table, option(c.A), "", option(c.A))
	case *schema.DropAttr:
		d.add("removed", "option", table, option(c.A), option(c.A), "")
	}
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

func key(pk *schema.Index) string {
	var names []*schema.Column
	for _, p := range pk.Parts {
		names = append(names, p.C)
	}
	return "PRIMARY KEY (" + list(names) + ")"
}

func effects(k *schema.ForeignKey) string {
	return "ON UPDATE " + string(k.OnUpdate) + " ON DELETE " + string(k.OnDelete)
}

func option(a schema.Attr) string {
	if _, without := a.(*sqlite.WithoutRowID); without {
		return "WITHOUT ROWID"
	}
	return "STRICT"
}
