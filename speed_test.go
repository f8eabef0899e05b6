package fastmigrate_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/source"
)

// listed is a folder that knows its names in order, as an embed.FS does.
type listed struct {
	fstest.MapFS
	names []fs.DirEntry
}

func (l listed) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, fs.ErrNotExist
	}
	return append([]fs.DirEntry(nil), l.names...), nil
}

// BenchmarkNothing is what a program pays at each start for asking whether
// there is anything to do: a thousand embedded files, all applied.
func BenchmarkNothing(b *testing.B) {
	files := listed{MapFS: fstest.MapFS{}}
	for n := 1; n <= 1000; n++ {
		files.MapFS[fmt.Sprintf("%04d-step.sql", n)] = &fstest.MapFile{Data: fmt.Appendf(nil, "CREATE TABLE t%d (x);\n", n)}
	}
	var err error
	if files.names, err = files.MapFS.ReadDir("."); err != nil {
		b.Fatal(err)
	}
	db := sqlitefile.Open(filepath.Join(b.TempDir(), "a.db"))
	defer db.Close()
	if err := db.Create(b.Context()); err != nil {
		b.Fatal(err)
	}
	m, err := fastmigrate.New(db, source.FS(files), fastmigrate.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := m.Up(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := m.Up(b.Context()); err != nil || len(r.Applied) > 0 {
			b.Fatal(r, err)
		}
	}
}
