package source

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/fastmigrate/fastmigrate/migration"
)

// RollbackFolder is the folder, inside that of the migrations, where the
// scripts lie that lead back.
const RollbackFolder = "rollback"

// Source gives migrations, in order of their versions.
type Source interface {
	Migrations() ([]migration.Migration, error)
}

// KindOf says which kind of history a source's migrations make, by its method
// Kind: [migration.Functions] or [migration.Revisions]. A source without that
// method has numbered files, [migration.Files].
func KindOf(s Source) string {
	if k, ok := s.(interface{ Kind() string }); ok {
		return k.Kind()
	}
	return migration.Files
}

// Files is a folder of numbered files.
type Files struct {
	folder
	flat bool // the folder of rollback scripts is not looked at
	code []Code
}

// Dir returns the numbered files of a folder on disk. Outside programs are run
// from where they lie.
func Dir(dir string) *Files { return &Files{folder: folder{fsys: os.DirFS(dir), dir: dir}} }

// FS returns the numbered files at the root of fsys, such as an [embed.FS]
// narrowed by [fs.Sub]. Outside programs are written to a private temporary
// file to be run.
func FS(fsys fs.FS) *Files { return &Files{folder: folder{fsys: fsys}} }

// UpOnly returns the same files without what leads back: the folder of rollback
// scripts is not looked at, as the Python tool does not look there.
func (f *Files) UpOnly() *Files {
	flat := f.copy()
	flat.flat = true
	return flat
}

func (f *Files) copy() *Files { return &Files{folder: f.folder, flat: f.flat, code: f.code} }

// Migrations reads the folder's names and returns its migrations in order of
// their versions. It fails where the folder can't be read, where two files
// have one version, and where a matching link leads nowhere.
func (f *Files) Migrations() ([]migration.Migration, error) {
	ups, err := f.bodies(".")
	if err != nil {
		return nil, err
	}
	var downs []numbered
	if !f.flat {
		downs, err = f.bodies(RollbackFolder)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, c := range f.code {
		up, down := c.numbered()
		ups = append(ups, up)
		if down.body != nil {
			downs = append(downs, down)
		}
	}
	if err := errors.Join(f.order(".", ups), f.order(RollbackFolder, downs)); err != nil {
		return nil, err
	}
	undo := make(map[migration.Version]migration.Body, len(downs))
	for _, d := range downs {
		undo[d.version] = d.body
	}
	migrations := make([]migration.Migration, len(ups))
	for i, u := range ups {
		migrations[i] = migration.Migration{Version: u.version, Name: u.title, Up: u.body, Down: undo[u.version]}
	}
	return migrations, nil
}

// numbered is one file that keeps the naming rule.
type numbered struct {
	version migration.Version
	title   string
	body    migration.Body
}

// bodies returns the matching files of one folder, in order.
func (f *Files) bodies(folder string) ([]numbered, error) {
	entries, err := f.list(folder)
	if err != nil {
		return nil, err
	}
	found := make([]numbered, 0, len(entries))
	for _, entry := range entries {
		name := entry.Name()
		version, title, kind, ok := Parse(name)
		if !ok {
			continue
		}
		full := name
		if folder != "." {
			full = path.Join(folder, name)
		}
		regular, err := f.regular(full, entry)
		if err != nil {
			return nil, err
		}
		if regular {
			found = append(found, numbered{version, title, f.body(full, name, kind)})
		}
	}
	slices.SortFunc(found, func(a, b numbered) int {
		if a.version != b.version {
			return cmp.Compare(a.version, b.version)
		}
		return cmp.Compare(a.body.File(), b.body.File())
	})
	return found, nil
}

// order sorts bodies by their versions and fails where two have the same.
func (f *Files) order(folder string, found []numbered) error {
	slices.SortStableFunc(found, func(a, b numbered) int { return cmp.Compare(a.version, b.version) })
	for i := 1; i < len(found); i++ {
		if a, b := found[i-1], found[i]; a.version == b.version {
			return &migration.Error{
				Op:   "read migrations",
				Err:  fmt.Errorf("two files have version %d: %s and %s", a.version, f.show(folder, a.body.File()), f.show(folder, b.body.File())),
				Hint: "rename one of them to a number that is free",
			}
		}
	}
	return nil
}
