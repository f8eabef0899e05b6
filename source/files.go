package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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

// Files is a folder of numbered files.
type Files struct {
	fsys fs.FS
	dir  string // where fsys lies on disk; empty when it lies elsewhere
	flat bool   // the folder of rollback scripts is not looked at
}

// Dir returns the numbered files of a folder on disk. Outside programs are run
// from where they lie.
func Dir(dir string) *Files { return &Files{fsys: os.DirFS(dir), dir: dir} }

// FS returns the numbered files at the root of fsys, such as an [embed.FS]
// narrowed by [fs.Sub]. Outside programs are written to a private temporary
// file to be run.
func FS(fsys fs.FS) *Files { return &Files{fsys: fsys} }

// UpOnly returns the same files without what leads back: the folder of rollback
// scripts is not looked at, as the Python tool does not look there.
func (f *Files) UpOnly() *Files { return &Files{fsys: f.fsys, dir: f.dir, flat: true} }

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

// bodies returns the matching files of one folder, in order of their versions.
func (f *Files) bodies(folder string) ([]numbered, error) {
	entries, err := fs.ReadDir(f.fsys, folder)
	if err != nil {
		return nil, f.folderError(folder, err)
	}
	var found []numbered
	for _, entry := range entries {
		name := entry.Name()
		version, title, kind, ok := Parse(name)
		if !ok {
			continue
		}
		full := path.Join(folder, name)
		regular, err := f.regular(full, entry)
		if err != nil {
			return nil, err
		}
		if regular {
			found = append(found, numbered{version, title, f.body(full, name, kind)})
		}
	}
	slices.SortStableFunc(found, func(a, b numbered) int { return int(a.version - b.version) })
	for i := 1; i < len(found); i++ {
		if a, b := found[i-1], found[i]; a.version == b.version {
			return nil, &migration.Error{
				Op:   "read migrations",
				Err:  fmt.Errorf("two files have version %d: %s and %s", a.version, f.show(folder, a.body.File()), f.show(folder, b.body.File())),
				Hint: "rename one of them to a number that is free",
			}
		}
	}
	return found, nil
}

// regular says whether an entry is a regular file or a link to one.
func (f *Files) regular(full string, entry fs.DirEntry) (bool, error) {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type().IsRegular(), nil
	}
	info, err := fs.Stat(f.fsys, full)
	if err != nil {
		return false, &migration.Error{
			Op:   "read migrations",
			Err:  fmt.Errorf("%s is a link that leads nowhere", f.show("", full)),
			Hint: "mend the link, or remove it",
		}
	}
	return info.Mode().IsRegular(), nil
}

// body returns the body that lies at full.
func (f *Files) body(full, name string, kind migration.Kind) migration.Body {
	open := func() (io.ReadCloser, error) { return f.fsys.Open(full) }
	if kind == migration.KindSQL {
		return &migration.SQL{Name: name, Reader: open}
	}
	p := &migration.Program{Name: name, Language: kind, Reader: open}
	if f.dir != "" {
		p.Path = filepath.Join(f.dir, filepath.FromSlash(full))
	}
	return p
}

// folderError says in one line what is wrong with the folder.
func (f *Files) folderError(folder string, err error) error {
	where := f.show(folder, "")
	info, statErr := fs.Stat(f.fsys, folder)
	if f.dir != "" && folder == "." {
		// The root of an os.DirFS that is a file does not say so itself.
		info, statErr = os.Stat(f.dir)
	}
	switch {
	case errors.Is(statErr, fs.ErrNotExist):
		return &migration.Error{
			Op:   "read migrations",
			Err:  fmt.Errorf("migrations folder does not exist: %s%w", where, quiet{err}),
			Hint: "name the folder with --migrations, or make it and put a first file 0001-NAME.sql into it",
		}
	case statErr == nil && !info.IsDir():
		return &migration.Error{Op: "read migrations", Err: fmt.Errorf("migrations folder is not a folder: %s", where)}
	}
	return &migration.Error{Op: "read migrations", Err: fmt.Errorf("cannot read migrations folder %s: %w", where, err)}
}

// show returns a path as the user would write it.
func (f *Files) show(folder, name string) string {
	if f.dir == "" {
		return path.Join(folder, name)
	}
	return filepath.Join(f.dir, filepath.FromSlash(folder), filepath.FromSlash(name))
}

// quiet keeps a cause for errors.Is without printing it a second time.
type quiet struct{ cause error }

func (q quiet) Error() string { return "" }
func (q quiet) Unwrap() error { return q.cause }
