package backend

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Book says in which tables a database keeps where it stands.
type Book struct {
	// Kind is the kind of history: [migration.Files], whose version stands in
	// _meta; [migration.Functions], a row of the table migrations for each that
	// is applied; or [migration.Revisions], a row of the table migrations for
	// each step that was ever made.
	Kind string
	// History says that the steps are entered into the history table, too. For
	// files they always are.
	History bool
}

// Keeper is a [Backend] whose database can keep other books than that of
// numbered files.
//
// The other books differ in this: a database without the table migrations is
// one to which nothing is applied, and not an error; the table is made together
// with the first record; Create makes it before. State is the number of the
// highest function that is applied, or [migration.None]; or else the revision,
// at first [migration.Initial]. History returns the rows of the table
// migrations, and behind them what the history table says was begun and did not
// come to its end.
type Keeper interface {
	// Keep returns the same database with another book. Both share what is
	// open; closing either closes that.
	Keep(book Book) (Backend, error)
}

// Keep returns b with another book. The error wraps
// [migration.ErrUnsupported] where the database can't keep it.
func Keep(b Backend, book Book) (Backend, error) {
	keeper, ok := b.(Keeper)
	switch {
	case !ok && book.Kind == migration.Files:
		return b, nil
	case !ok:
		return nil, &migration.Error{
			Op:   "open",
			Err:  fmt.Errorf("%w: %s keeps the version of numbered files only, and these are %s", migration.ErrUnsupported, b.Name(), book.Kind),
			Hint: "use numbered files, or a backend that is a backend.Keeper",
		}
	}
	return keeper.Keep(book)
}
