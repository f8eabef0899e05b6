package mysql

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// spares fails for a statement that would take our tables away, with the
// progress that is kept in them: the server could not take that back.
func (n names) spares(d definition, b book) error {
	if d.verb != drops && d.verb != renames && d.verb != truncates && !d.replace && d.odd != renamesIt {
		return nil
	}
	for _, o := range d.objects {
		here := o.database == "" || strings.EqualFold(o.database, n.database)
		switch {
		case o.kind == "DATABASE" && strings.EqualFold(o.name, n.database):
			return errors.New("it would remove the database that is migrated, and with it what is recorded of this very run")
		case o.kind == "TABLE" && here && slices.ContainsFunc(n.ours(b), func(name string) bool { return strings.EqualFold(name, o.name) }):
			return fmt.Errorf("it would remove %s, in which fastmigrate keeps what is applied", o.name)
		}
	}
	return nil
}

// ours returns the names of our tables, unquoted and without the database. With
// numbered files a table migrations is the user's own.
func (n names) ours(b book) []string {
	all := []string{"_meta", n.bareHistory, "_fastmigrate_progress", "_fastmigrate_lock"}
	if b.kind() != migration.Files {
		all = append(all, "migrations")
	}
	return all
}
