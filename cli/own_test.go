package cli

import (
	"context"
	"errors"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// does returns a function that runs a statement.
func does(statement string) migration.Func {
	return func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	}
}

// ownPrograms returns programs with migrations of their own, by name: functions,
// numbered files with a function among them, and a graph with an edge in Go.
func ownPrograms() map[string]Config {
	var functions source.Functions
	functions.Add(0, "create_cats", does("CREATE TABLE cats (name TEXT)")).
		Add(1, "add_dogs", does("CREATE TABLE dogs (name TEXT)")).
		AddRollback(1, "remove_dogs", does("DROP TABLE dogs")).
		Add(2, "add_bats", does("CREATE TABLE bats (name TEXT)")).
		AddRollback(2, "remove_bats", func(ctx context.Context, tx migration.Tx) error {
			if err := does("DROP TABLE bats")(ctx, tx); err != nil {
				return err
			}
			var birds int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM cats WHERE name = 'bird'").Scan(&birds); err != nil {
				return err
			}
			if birds > 0 {
				panic(errors.New("a bird among the cats"))
			}
			return nil
		})
	files := source.FS(fstest.MapFS{
		"0001-init.sql":           {Data: []byte("CREATE TABLE notes (x);")},
		"0003-index.sql":          {Data: []byte("CREATE INDEX notes_x ON notes (x);")},
		"rollback/0003-index.sql": {Data: []byte("DROP INDEX notes_x;")},
	}).With(source.Code{
		Version: 2, Name: "fill", Up: does("INSERT INTO notes VALUES (1), (2)"), Down: does("DELETE FROM notes"),
	})
	graph := source.Revisions(fstest.MapFS{
		"20240101_initial_up_rev1.sql": {Data: []byte("CREATE TABLE notes (x);")},
		"20240102_rev1_up_rev2.py":     {},
	}).With(source.Edge{From: "rev1", To: "rev2", Func: does("INSERT INTO notes VALUES (1)")})
	return map[string]Config{
		"cats":  {Name: "cats", Open: OpenPath(sqlitefile.Open), Migrations: &functions, Database: "cats.db"},
		"notes": {Name: "notes", Open: OpenPath(sqlitefile.Open), Migrations: files},
		"trail": {Name: "trail", Open: OpenPath(sqlitefile.Open), Migrations: graph},
	}
}
