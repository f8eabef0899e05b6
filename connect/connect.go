// Package connect picks the backend for a database by how it is named, so that
// a program needs one call: the one that the Python tool's run_migrations is.
package connect

import (
	"context"
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/mysql"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// Options says more about how a database is opened. The zero value is ready to
// use.
type Options struct {
	SQLite   sqlite.Options
	Postgres postgres.Options
	MySQL    mysql.Options
	// Exclusive says that the backend of a config.py is opened for one run: its
	// lock is held from the first look at the version until Close.
	Exclusive bool
	// Python is the interpreter that runs the hooks of a config.py. Empty means
	// that it is looked for, as for .py migrations.
	Python string
	// Getenv looks up environment variables for that. nil means os.Getenv.
	Getenv func(string) string
}

// Open returns the backend for a database; dir is the folder of the migrations.
// Nothing is opened before it is needed. Close the backend when done.
//
// Where the folder has a config.py, the database is whatever its hooks take db
// for. Otherwise db is a path or sqlite:PATH, for a SQLite file, or a URL with
// the scheme postgres, postgresql, mysql or mariadb. The error wraps
// [migration.ErrUnsupported] for any other.
func Open(ctx context.Context, db, dir string) (backend.Backend, error) {
	return OpenWith(ctx, db, dir, Options{})
}

// OpenWith is like [Open], with options.
func OpenWith(ctx context.Context, db, dir string, o Options) (backend.Backend, error) {
	if dir != "" && pyconfig.Exists(dir) {
		return opened(pyconfig.Open(ctx, dir, db, pyconfig.Options{Python: o.Python, Getenv: o.Getenv, Exclusive: o.Exclusive}))
	}
	switch scheme, _, _ := strings.Cut(db, "://"); scheme {
	case "postgres", "postgresql":
		return opened(postgres.Open(db, o.Postgres))
	case "mysql", "mariadb":
		return opened(mysql.Open(db, o.MySQL))
	}
	return opened(OpenSQLite(db, o.SQLite))
}

// opened returns no backend beside an error, where a nil pointer would be one.
func opened[B backend.Backend](b B, err error) (backend.Backend, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}

// OpenSQLite returns the backend for a SQLite file, by its path or sqlite:PATH.
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
			Hint: "a database is a path, sqlite:PATH, postgres://…, mysql://… or mariadb://…; with a config.py in the folder of the migrations, anything",
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
