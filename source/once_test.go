package source_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate/source"
)

// counting counts how often the names in a folder are read.
type counting struct {
	fstest.MapFS
	reads map[string]int
}

func (c counting) ReadDir(name string) ([]fs.DirEntry, error) {
	c.reads[name]++
	return c.MapFS.ReadDir(name)
}

// A run with nothing to do reads the names once: what recognises the folder hands
// them on. Who asks again later gets what is there then.
func TestFolderIsReadOnce(t *testing.T) {
	for _, file := range []string{"0001-a.sql", "20240101_initial_up_rev1.sql"} {
		fsys := counting{fstest.MapFS{file: {}}, map[string]int{}}
		s, err := source.FolderFS(fsys)
		if err != nil {
			t.Fatal(err)
		}
		for reads := 1; reads <= 2; reads++ {
			if all, err := s.Migrations(); err != nil || len(all) != 1 || fsys.reads["."] != reads {
				t.Errorf("%s: %d migrations, %v, after %d reads, want %d", file, len(all), err, fsys.reads["."], reads)
			}
		}
	}
}
