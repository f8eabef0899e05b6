package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/importer"
)

// A folder that can't be written whole is not written, and leaves nothing; what
// a killed run left is no obstacle, and goes once it is old.
func TestImportWhole(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "ours")
	folder, err := importer.Read(fstest.MapFS{"1_a.up.sql": {Mode: 0o644}, "2_b.up.sql": {Mode: 0o644}}, importer.GolangMigrate)
	if err != nil {
		t.Fatal(err)
	}
	names := func() (all []string) {
		found, _ := filepath.Glob(filepath.Join(top, "*"))
		for _, path := range found {
			all = append(all, filepath.Base(path))
		}
		return all
	}
	good := folder.Migrations[1].Title
	folder.Migrations[1].Title = "no/such/folder"
	if err := publishImport(dir, folder); !errors.Is(err, fs.ErrNotExist) || len(names()) != 0 {
		t.Errorf("%v, left %q", err, names())
	}
	folder.Migrations[1].Title = good
	for name, age := range map[string]time.Duration{"ours" + importSuffix + "1": 2 * time.Hour, "ours" + importSuffix + "2": 0} {
		path := filepath.Join(top, name)
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil { // empty
		t.Fatal(err)
	}
	if err := publishImport(dir, folder); err != nil {
		t.Fatal(err)
	}
	if got := names(); len(got) != 2 || got[0] != "ours" || got[1] != "ours"+importSuffix+"2" {
		t.Errorf("there is %q", got)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}
