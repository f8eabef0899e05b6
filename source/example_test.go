package source_test

import (
	"context"
	"fmt"
	"log"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

func noop(context.Context, migration.Tx) error { return nil }

// FolderFS tells by the names of its files what a folder holds.
func ExampleFolderFS() {
	for _, name := range []string{"0001-init.sql", "20240101_initial_up_rev1.sql"} {
		s, err := source.FolderFS(fstest.MapFS{name: {Data: []byte("SELECT 1;")}})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, "is of", source.KindOf(s))
	}
	// Output:
	// 0001-init.sql is of files
	// 20240101_initial_up_rev1.sql is of revisions
}

// The edges of a graph are files, and functions that stand beside them.
func ExampleRevisions() {
	edges, err := source.Revisions(fstest.MapFS{
		"20240101_initial_up_rev1.sql": {Data: []byte("CREATE TABLE a (n);")},
	}).With(source.Edge{From: "rev1", To: "rev2", Func: migration.Func(noop)}).Migrations()
	if err != nil {
		log.Fatal(err)
	}
	for _, edge := range edges {
		direction, body, _ := edge.Edge()
		fmt.Println(edge.From, direction, edge.To, "by", body.File())
	}
	// Output:
	// initial up rev1 by 20240101_initial_up_rev1.sql
	// rev1 up rev2 by rev1_up_rev2.go
}

// ParseRevision takes the name of an edge apart.
func ExampleParseRevision() {
	edge, kind, ok := source.ParseRevision("20240131_add_emails_down_initial.sql")
	fmt.Println(edge.From, edge.Direction, edge.To, kind, ok)
	// Output: add_emails down initial sql true
}

// Functions are numbered from 0.
func ExampleFunctions() {
	var f source.Functions
	f.Add(0, "create_cats", noop).AddRollback(0, "drop_cats", noop)
	f.Add(1, "create_dogs", noop)
	functions, err := f.Migrations()
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range functions {
		fmt.Println(m.Up.File(), m.Down != nil)
	}
	// Output:
	// 0 create_cats true
	// 1 create_dogs false
}

// Numbered files are read in order of their numbers, whatever folder they come
// from; a migration in Go may stand among them.
func ExampleFS() {
	files := source.FS(fstest.MapFS{
		"0001-init.sql":          {Data: []byte("CREATE TABLE a (n);")},
		"0003-fill.py":           {Data: []byte("import sys")},
		"rollback/0001-init.sql": {Data: []byte("DROP TABLE a;")},
		"README.md":              {Data: []byte("not a migration")},
	}).With(source.Code{Version: 2, Name: "backfill", Up: migration.Func(noop)})
	migrations, err := files.Migrations()
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range migrations {
		fmt.Println(m.Version, m.Up.File(), m.Up.Kind(), m.Down != nil)
	}
	// Output:
	// 0001 0001-init.sql sql true
	// 0002 0002-backfill.go go false
	// 0003 0003-fill.py py false
}

// Parse takes the name of a numbered file apart.
func ExampleParse() {
	version, title, kind, ok := source.Parse("0004-add-tags.sql")
	fmt.Println(int64(version), title, kind, ok)
	// Output: 4 add-tags sql true
}
