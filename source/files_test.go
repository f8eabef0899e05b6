package source_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

func TestParse(t *testing.T) {
	type parsed struct {
		Version migration.Version
		Title   string
		Kind    migration.Kind
	}
	for name, want := range map[string]*parsed{
		"0001-init.sql":      {1, "init", "sql"},
		"0001-.sql":          {1, "", "sql"},
		"0000-zero.py":       {0, "zero", "py"},
		"9999-a.b.sh":        {9999, "a.b", "sh"},
		"0007-ü ber.sql":     {7, "ü ber", "sql"},
		"0001-init.SQL":      nil,
		"0001-init.txt":      nil,
		"0001_init.sql":      nil,
		"001-init.sql":       nil,
		"00001-init.sql":     nil,
		"0001-init":          nil,
		"0001-init.sql\n":    nil,
		"0001-in\nit.sql":    nil,
		"٠٠٠١-init.sql":      nil,
		" 0001-init.sql":     nil,
		"0001-init.sql.bak":  nil,
		"0001.sql":           nil,
		"":                   nil,
		"-001-init.sql":      nil,
		"+001-init.sql":      nil,
		"0001-init.sql~":     nil,
		"0001-.":             nil,
		"config.py":          nil,
		"0001sql":            nil,
		"0001-looks.like.py": {1, "looks.like", "py"},
	} {
		version, title, kind, ok := source.Parse(name)
		if ok != (want != nil) {
			t.Errorf("Parse(%q) ok = %v", name, ok)
			continue
		}
		if ok {
			if diff := cmp.Diff(*want, parsed{version, title, kind}); diff != "" {
				t.Errorf("Parse(%q): %s", name, diff)
			}
		}
	}
}

func TestMigrationsInOrderWithRollbacks(t *testing.T) {
	got, err := source.FS(fstest.MapFS{
		"0010-c.sql":          {Data: []byte("c")},
		"0002-b.py":           {},
		"0001-a.sql":          {Data: []byte("a")},
		"notes.txt":           {},
		"0003-folder.sql/x":   {},
		"rollback/0002-x.sh":  {},
		"rollback/0010-c.sql": {Data: []byte("undo c")},
	}).Migrations()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, m := range got {
		line := m.Label() + " " + m.Up.File()
		if m.Down != nil {
			line += " " + string(m.Down.Kind())
		}
		lines = append(lines, line)
	}
	want := []string{"0001-a 0001-a.sql", "0002-b 0002-b.py sh", "0010-c 0010-c.sql sql"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if text := read(t, got[2].Down); text != "undo c" {
		t.Errorf("rollback text = %q", text)
	}
	if path := got[1].Up.(*migration.Program).Path; path != "" {
		t.Errorf("an embedded program has the path %q", path)
	}
}

func TestDirGivesProgramsTheirPath(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "0001-a.sh"), "exit 0")
	got, err := source.Dir(dir).Migrations()
	if err != nil {
		t.Fatal(err)
	}
	if want, path := filepath.Join(dir, "0001-a.sh"), got[0].Up.(*migration.Program).Path; path != want {
		t.Errorf("path = %q, want %q", path, want)
	}
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "shared.sql"), "SELECT 1;")
	link(t, "shared.sql", filepath.Join(dir, "0001-a.sql"))
	link(t, ".", filepath.Join(dir, "0002-folder.sql"))
	got, err := source.Dir(dir).Migrations()
	if err != nil || len(got) != 1 || read(t, got[0].Up) != "SELECT 1;" {
		t.Fatalf("got %v, %v; want the link to the file and not that to the folder", got, err)
	}
	link(t, "nowhere.sql", filepath.Join(dir, "0003-broken.sql"))
	_, err = source.Dir(dir).Migrations()
	mention(t, err, "0003-broken.sql", "leads nowhere")
}

func TestRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	_, err := source.Dir(file).Migrations()
	mention(t, err, "is not a folder", file)
	_, err = source.Dir(file + "-none").Migrations()
	mention(t, err, "migrations folder does not exist", file+"-none")
	if !os.IsNotExist(err) && migration.HintOf(err) == "" {
		t.Error("no hint for a missing folder")
	}
	_, err = source.FS(fstest.MapFS{"0001-a.sql": {}, "0001-b.py": {}}).Migrations()
	mention(t, err, "two files have version 1", "0001-a.sql", "0001-b.py")
	_, err = source.FS(fstest.MapFS{"0001-a.sql": {}, "rollback/0001-b.py": {}, "rollback/0001-c.py": {}}).Migrations()
	mention(t, err, "rollback/0001-b.py", "rollback/0001-c.py")
}

func read(t *testing.T, body migration.Body) string {
	t.Helper()
	r, err := body.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func mention(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that mentions %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not mention %q", err, part)
		}
	}
}

// The order in which a disk gives its names is not that of the versions.
func TestOrderOnDisk(t *testing.T) {
	dir := t.TempDir()
	const n = 40
	for i := range n {
		name := fmt.Sprintf("%04d-step.sql", (i*17)%n+1)
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	migrations, err := source.Dir(dir).Migrations()
	if err != nil || len(migrations) != n {
		t.Fatalf("%d migrations, %v", len(migrations), err)
	}
	for i, m := range migrations {
		if m.Version != migration.Version(i+1) {
			t.Fatalf("migration %d has version %d", i+1, m.Version)
		}
	}
}
