package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
)

var fastmigrateOptions fastmigrate.Options

// Every character of a path is the path's own.
func TestPaths(t *testing.T) {
	for _, name := range []string{
		"plain.db", "with space.db", "it's.db", `double".db`, "what?.db", "what?mode=memory", "50%.db", "%41.db", "a#b.db", "a:b.db",
		"file:x.db", "ü 日本 🙂.db", "new\nline.db", "-dash.db", "--db=x", "a&b=c.db", "a+b.db", `back\slash.db`, "a;b.db", "a,b.db", "a@b.db",
		" lead", "trail ", "[x].db", "{x}.db", "~", "$HOME", "`x`", ":memory:x", "tab\there", "a?vfs=nix&cache=shared",
	} {
		for _, relative := range []bool{false, true} {
			dir := filepath.Join(t.TempDir(), "in "+name)
			path := filepath.Join(dir, name)
			if relative {
				t.Chdir(t.TempDir())
				dir = "in " + name
				path = filepath.Join(dir, name)
			}
			b := sqlitefile.Open(path)
			if err := b.Create(t.Context()); err != nil {
				t.Errorf("%q: create: %v", path, err)
				continue
			}
			if err := fastmigrate.RunMigrations(t.Context(), b, five(mended).source()); err != nil {
				t.Errorf("%q: run: %v", path, err)
			}
			if err := b.Copy(t.Context(), path+".copy ?#%41"); err != nil {
				t.Errorf("%q: copy: %v", path, err)
			}
			b.Close()
			copied := sqlitefile.Open(path + ".copy ?#%41")
			for _, one := range []*sqlite.Backend{sqlitefile.Open(path), copied} {
				if state, err := one.State(t.Context()); err != nil || state != "5" {
					t.Errorf("%q: state %s, %v", path, state, err)
				}
				one.Close()
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != 2 || entries[0].Name() != name || entries[1].Name() != name+".copy ?#%41" {
				t.Errorf("%q: the folder has %v, %v", path, entries, err)
			}
		}
	}
}

// A relative path that begins with a dash, or is one of the engine's own names
// in disguise, is a file like any other.
func TestRelativePaths(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("x", 0o777); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"-x.db", "./:memory:", "file:x", "x/../y.db", "./z.db", "a//b.db"} {
		b := sqlitefile.Open(path)
		if err := b.Create(t.Context()); err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		if err := fastmigrate.RunMigrations(t.Context(), b, five(mended).source()); err != nil {
			t.Errorf("%q: %v", path, err)
		}
		b.Close()
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
}
