package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/importer"
	"github.com/fastmigrate/fastmigrate/internal/newfile"
	"github.com/fastmigrate/fastmigrate/migration"
)

// importSuffix is what the folder has behind its name while it is written.
const importSuffix = ".fastmigrate-new-"

// writeImport writes the folder, which appears whole or not at all. One that
// holds all of the migrations already is kept as it is.
func (a *app) writeImport(out *ImportOutput, folder *importer.Folder) error {
	dir := a.settings.folder
	kept, err := a.keepsImport(dir, folder)
	switch {
	case err != nil:
		return err
	case out.DryRun && kept:
		a.answer("nothing would be written into %s, which holds them", dir)
		return nil
	case kept:
		a.result("%s holds them already", dir)
		return nil
	case out.DryRun:
		a.answer("%s would be written into %s", count(len(folder.Migrations), "migration"), dir)
		return nil
	}
	if err := publishImport(dir, folder); err != nil {
		return fmt.Errorf("write %s: %w", dir, err)
	}
	out.Written = true
	a.result("wrote %s into %s", count(len(folder.Migrations), "migration"), dir)
	return nil
}

// keepsImport says whether the folder holds a file for each of the migrations.
// It fails where it holds other things than that.
func (a *app) keepsImport(dir string, folder *importer.Folder) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the migrations folder: %w", err)
	}
	var missing []string
	for _, m := range folder.Migrations {
		text, err := os.ReadFile(filepath.Join(dir, m.UpFile()))
		switch {
		case err != nil:
			missing = append(missing, m.UpFile())
		case m.Left == "" && !bytes.Equal(text, m.Up):
			a.note("%s was edited since it was imported, or is another file; it is kept", m.UpFile())
		}
	}
	if len(missing) == 0 {
		return true, nil
	}
	return false, &migration.Error{
		Op:   "import",
		Err:  fmt.Errorf("%s is not empty, and does not hold %s: %w", dir, strings.Join(missing, ", "), fs.ErrExist),
		Hint: "name a folder that is not there yet with --migrations; nothing was written",
	}
}

// publishImport writes the folder beside its place and then gives it its name.
func publishImport(dir string, folder *importer.Folder) error {
	parent, name := filepath.Split(filepath.Clean(dir))
	parent = first(parent, ".")
	if _, err := newfile.MakeFolders(filepath.Clean(parent)); err != nil {
		return err
	}
	sweepImports(parent, name)
	draft, err := os.MkdirTemp(parent, name+importSuffix)
	if err != nil {
		return err
	}
	if err = os.Chmod(draft, 0o755); err == nil {
		err = fillImport(draft, folder)
	}
	if err == nil {
		_ = os.Remove(dir) // an empty one, which not every system renames over
		err = os.Rename(draft, dir)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(draft))
	}
	return newfile.SyncFolder(parent)
}

// fillImport writes the files.
func fillImport(draft string, folder *importer.Folder) error {
	for _, m := range folder.Migrations {
		if err := writeSynced(filepath.Join(draft, m.UpFile()), m.Up); err != nil {
			return err
		}
		if m.Down == nil {
			continue
		}
		down := filepath.Join(draft, filepath.FromSlash(m.DownFile()))
		if err := os.MkdirAll(filepath.Dir(down), 0o755); err != nil {
			return err
		}
		if err := writeSynced(down, m.Down); err != nil {
			return err
		}
	}
	return newfile.SyncFolder(draft)
}

// writeSynced writes a new file and sees to it that it outlives a crash.
func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// sweepImports removes what runs that were killed left, as far as it is old
// enough that none of them can be at work.
func sweepImports(parent, name string) {
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), name+importSuffix) && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}
