package backend

import "context"

// Rebuilder is a [Backend] that can write a script which makes a table anew
// and takes its rows over, where its SQL has no statement for a change.
type Rebuilder interface {
	// Rebuild returns the script. It has been run on an empty copy of the
	// schema, and left all but the wished change as it was. Nothing is written
	// to the database. The error wraps [migration.ErrRefused] where a column
	// would be lost that Drop does not name, or where something that refers to
	// the table would not work any more.
	Rebuild(ctx context.Context, r Rebuild) ([]byte, error)
}

// Rebuild says what becomes of a table. Without any change the script makes the
// table as it is: a draft, to be edited.
type Rebuild struct {
	Table string // its name, in any case

	// Columns is the whole new definition: what stands between the parentheses
	// of CREATE TABLE, or that statement. Empty means the present definition
	// with the changes below; it excludes Change and Add.
	Columns string
	// Options is what stands behind the parentheses, such as "STRICT". nil
	// keeps what stands there now, or what the statement in Columns says.
	Options *string
	// Change holds new definitions of columns: "price REAL NOT NULL".
	Change []string
	// Add holds definitions of new columns, and constraints of the table.
	Add []string
	// Drop names the columns whose values are to be lost.
	Drop []string
	// Rename gives columns other names, one after the other. The other fields
	// speak of columns by their new names.
	Rename []Rename
	// Fill holds, by the name of a column of the new table, the expression that
	// makes its value out of the old row. Others keep their value, or get their
	// default.
	Fill map[string]string
	// Without names indexes, triggers and views that are not made anew.
	Without []string
}

// Rename is a column's other name.
type Rename struct{ From, To string }

// Draft says whether nothing is to be changed, so that a person edits the
// script.
func (r Rebuild) Draft() bool {
	return r.Columns == "" && r.Options == nil &&
		len(r.Change)+len(r.Add)+len(r.Drop)+len(r.Rename)+len(r.Fill)+len(r.Without) == 0
}
