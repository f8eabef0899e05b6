package source_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

func TestFunctions(t *testing.T) {
	var f source.Functions
	f.Add(1, "b", nothing).Add(0, "replaced", nothing).Add(0, "a", nothing).AddRollback(1, "no_b", nothing)
	got, err := f.Migrations()
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if a, b := got[0], got[1]; a.Name != "a" || a.Up.File() != "0 a" || a.Down != nil || b.Version != 1 || b.Up.Kind() != migration.KindGo || b.Down.File() != "1 no_b" {
		t.Errorf("%+v, %+v", a, b)
	}
	if source.KindOf(&f) != migration.Functions {
		t.Errorf("kind %s", source.KindOf(&f))
	}
	f.AddRollback(7, "no_h", nothing)
	if _, err := f.Migrations(); err == nil || !strings.Contains(err.Error(), "rollback 7 (no_h) belongs to no function") {
		t.Error(err)
	}
	var negative source.Functions
	negative.Add(-1, "x", nothing)
	if _, err := negative.Migrations(); !errors.Is(err, migration.ErrNotGapless) {
		t.Error(err)
	}
}

// Migrations in Go stand among the files, in order of their numbers.
func TestCodeBesideFiles(t *testing.T) {
	files := source.FS(folderOf("0001-a.sql", "0003-c.sql", "rollback/0003-c.sql")).
		With(source.Code{Version: 2, Name: "b", Up: migration.Func(nothing), Down: migration.Func(nothing)})
	got, err := files.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range got {
		names = append(names, m.Up.File())
		if m.Down != nil {
			names = append(names, m.Down.File())
		}
	}
	if all := strings.Join(names, " "); all != "0001-a.sql 0002-b.go rollback/0002-b.go 0003-c.sql 0003-c.sql" {
		t.Error(all)
	}
	_, err = files.With(source.Code{Version: 3, Name: "again", Up: migration.Func(nothing)}).Migrations()
	if err == nil || !strings.Contains(err.Error(), "two files have version 3: 0003-c.sql and 0003-again.go") {
		t.Error(err)
	}
	if got, err := files.UpOnly().Migrations(); err != nil || got[2].Down != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestFolder(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		kind  string
		count int
		fails string
	}{
		"numbered": {files: []string{"0001-a.sql", "notes_up_x.sql"}, kind: migration.Files, count: 1},
		"a graph":  {files: []string{"20240101_initial_up_a.sql", "README"}, kind: migration.Revisions, count: 1},
		"empty":    {files: []string{"README"}, kind: migration.Files},
		"both":     {files: []string{"20240101_initial_up_a.sql", "0001-a.sql"}, fails: "0001-a.sql and 20240101_initial_up_a.sql"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := source.FolderFS(folderOf(c.files...))
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Fatal(err)
				}
				return
			}
			if err != nil || source.KindOf(s) != c.kind {
				t.Fatal(source.KindOf(s), err)
			}
			for range 2 { // what was read while it was recognised, and what is there now
				if got, err := s.Migrations(); err != nil || len(got) != c.count {
					t.Error(got, err)
				}
			}
		})
	}
	s, err := source.Folder("nowhere")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrations(); err == nil || !strings.Contains(err.Error(), "migrations folder does not exist: nowhere") {
		t.Error(err)
	}
}
