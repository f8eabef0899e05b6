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
	l, err := f.list()
	if err != nil {
		return nil, err
	}
	return l.Migrations(), nil
}

// list does what [List] does.
func (f *Files) list() (*Listing, error) {
	l := &Listing{files: f}
	rollbacks, err := f.numbers(".", &l.ups)
	if err == nil && rollbacks && !f.flat {
		_, err = f.numbers(RollbackFolder, &l.downs)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil // a link that leads nowhere
		}
	}
	if err != nil {
		return nil, err
	}
	for _, c := range f.code {
		up, down := c.numbered()
		l.ups = append(l.ups, up)
		if down.code != nil {
			l.downs = append(l.downs, down)
		}
	}
	return l, errors.Join(f.order(".", l.ups), f.order(RollbackFolder, l.downs))
}

// numbered is one file that keeps the naming rule, or a migration in Go.
type numbered struct {
	version migration.Version
	name    string
	code    *code // of a migration in Go
}

// code is what a migration in Go does in one direction.
type code struct {
	title string
	body  migration.Body
}

// numbers adds the matching files of one folder to those found, and says whether
// there is a folder of rollback scripts in it.
func (f *Files) numbers(folder string, found *[]numbered) (rollbacks bool, err error) {
	entries, err := f.entries(folder)
	if err != nil {
		return false, err
	}
	*found = make([]numbered, 0, len(entries)+len(f.code))
	for _, entry := range entries {
		name := entry.Name()
		version, _, _, ok := Parse(name)
		if !ok {
			rollbacks = rollbacks || name == RollbackFolder
			continue
		}
		regular, err := f.regular(folder, entry)
		if err != nil {
			return false, err
		}
		if regular {
			*found = append(*found, numbered{version: version, name: name})
		}
	}
	return rollbacks, nil
}

// order sorts files by their versions, those in Go behind the others, and fails
// where two have the same.
func (f *Files) order(folder string, found []numbered) error {
	slices.SortFunc(found, func(a, b numbered) int {
		switch {
		case a.version != b.version:
			return cmp.Compare(a.version, b.version)
		case a.code == nil && b.code != nil:
			return -1
		case a.code != nil && b.code == nil:
			return 1
		}
		return cmp.Compare(a.name, b.name)
	})
	for i := 1; i < len(found); i++ {
		if a, b := found[i-1], found[i]; a.version == b.version {
			return &migration.Error{
				Op:   "read migrations",
				Err:  fmt.Errorf("two files have version %d: %s and %s", a.version, f.show(folder, a.name), f.show(folder, b.name)),
				Hint: "rename one of them to a number that is free",
			}
		}
	}
	return nil
}

// make returns the body of a file in a folder, with its title.
func (f *Files) make(folder string, n numbered) (string, migration.Body) {
	if n.code != nil {
		return n.code.title, n.code.body
	}
	_, title, kind, _ := Parse(n.name)
	return title, f.body(path.Join(folder, n.name), n.name, kind)
}
