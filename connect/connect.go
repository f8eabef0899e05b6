// Package connect picks the backend for a database by how it is named, so that
// a program needs one call: the one that the Python tool's run_migrations is.
package connect

import (
	"context"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// Open returns the backend for a database: a path or sqlite:PATH names a
// SQLite file. Nothing is opened before it is needed. dir is the folder of the
// migrations. Close the backend when done.
//
// The error wraps [migration.ErrUnsupported] for a URL of another database.
func Open(_ context.Context, db, dir string) (backend.Backend, error) {
	return OpenSQLite(db, sqlite.Options{})
}

// OpenSQLite is like [Open], for SQLite only, with options.
func OpenSQLite(db string, o sqlite.Options) (*sqlite.Backend, error) {
	scheme, rest, isURL := strings.Cut(db, ":")
	switch {
	case isURL && scheme == "sqlite":
		// sqlite:PATH, and sqlite:///PATH as other tools write it.
		if after, ok := strings.CutPrefix(rest, "///"); ok {
			rest = "/" + after
		}
		return sqlitefile.OpenWith(rest, o), nil
	case isURL && strings.HasPrefix(rest, "//"):
		return nil, &migration.Error{
			Op:   "open",
			Err:  fmt.Errorf("%w: URLs with the scheme %s", migration.ErrUnsupported, scheme),
			Hint: "this version opens SQLite databases: a path, or sqlite:PATH",
		}
	}
	return sqlitefile.OpenWith(db, o), nil
}

// RunMigrations applies all migrations of the folder dir that are above the
// database's version.
func RunMigrations(ctx context.Context, db, dir string) error {
	b, err := Open(ctx, db, dir)
	if err != nil {
		return err
	}
	defer b.Close()
	return fastmigrate.RunMigrations(ctx, b, source.Dir(dir))
}
