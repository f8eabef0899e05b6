package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync/atomic"

	"github.com/fastmigrate/fastmigrate/migration"
)

// folder is where files lie.
type folder struct {
	fsys fs.FS
	dir  string // where fsys lies on disk; empty when it lies elsewhere
	seen *atomic.Pointer[[]fs.DirEntry]
}

// Folder returns the migrations of a folder on disk: numbered files or, if its
// files are named so, the edges of a graph of revisions. An empty folder counts
// as one of numbered files. It fails where the folder holds both kinds.
//
// A folder that can't be read is found out by Migrations.
func Folder(dir string) (Source, error) { return recognise(folder{fsys: os.DirFS(dir), dir: dir}) }

// FolderFS is like [Folder], for the files at the root of fsys.
func FolderFS(fsys fs.FS) (Source, error) { return recognise(folder{fsys: fsys}) }

// recognise finds out what kind of files a folder holds. The names that it read
// are there for the first who asks again.
func recognise(f folder) (Source, error) {
	entries, err := f.readDir(".")
	if err != nil {
		return &Files{folder: f}, nil
	}
	var file, edge string // the first of each, by name
	for _, entry := range entries {
		name := entry.Name()
		if _, _, _, ok := Parse(name); ok { // and so it is no name of an edge
			if file == "" || name < file {
				file = name
			}
		} else if _, _, ok := ParseRevision(name); ok && (edge == "" || name < edge) {
			edge = name
		}
	}
	if file != "" && edge != "" {
		return nil, &migration.Error{
			Op:   "read migrations",
			Err:  fmt.Errorf("%s holds numbered files and edges of a graph of revisions: %s and %s", f.show(".", ""), file, edge),
			Hint: "keep each kind in a folder of its own",
		}
	}
	f.seen = new(atomic.Pointer[[]fs.DirEntry])
	f.seen.Store(&entries)
	if edge != "" {
		return &RevisionFiles{folder: f}, nil
	}
	return &Files{folder: f}, nil
}

// entries reads the names in one folder, in no order: to put a thousand names in
// order takes as long as to read them.
func (f *folder) entries(name string) ([]fs.DirEntry, error) {
	if f.seen != nil && name == "." {
		if entries := f.seen.Swap(nil); entries != nil {
			return *entries, nil
		}
	}
	entries, err := f.readDir(name)
	if err != nil {
		return nil, f.folderError(name, err)
	}
	return entries, nil
}

func (f *folder) readDir(name string) ([]fs.DirEntry, error) {
	if f.dir == "" {
		return fs.ReadDir(f.fsys, name)
	}
	dir, err := os.Open(f.path(name))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.ReadDir(-1)
}

// regular says whether an entry is a regular file or a link to one.
func (f *folder) regular(folder string, entry fs.DirEntry) (bool, error) {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type().IsRegular(), nil
	}
	full := path.Join(folder, entry.Name())
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
func (f *folder) body(full, name string, kind migration.Kind) migration.Body {
	open := func() (io.ReadCloser, error) { return f.open(full) }
	if kind == migration.KindSQL {
		return &migration.SQL{Name: name, Reader: open}
	}
	p := &migration.Program{Name: name, Language: kind, Reader: open}
	if f.dir != "" {
		p.Path = f.path(full)
	}
	return p
}

// open opens the file that lies at full.
func (f *folder) open(full string) (io.ReadCloser, error) {
	if f.dir == "" {
		return f.fsys.Open(full)
	}
	return open(f.path(full), full)
}

// path returns where on disk a file lies.
func (f *folder) path(full string) string { return filepath.Join(f.dir, filepath.FromSlash(full)) }

// folderError says in one line what is wrong with the folder.
func (f *folder) folderError(folder string, err error) error {
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
func (f *folder) show(folder, name string) string {
	if f.dir == "" {
		return path.Join(folder, name)
	}
	return filepath.Join(f.dir, filepath.FromSlash(folder), filepath.FromSlash(name))
}

// quiet keeps a cause for errors.Is without printing it a second time.
type quiet struct{ cause error }

func (q quiet) Error() string { return "" }
func (q quiet) Unwrap() error { return q.cause }
