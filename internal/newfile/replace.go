package newfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace puts a text in the place of a file, or makes the file: whoever opens
// it finds either all of the old text or all of the new one, whatever is killed
// when. Its mode stays. A link stays too, and what it leads to is replaced; what
// is no file, such as a pipe, is written to.
func Replace(file string, text []byte) error {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return &fs.PathError{Op: "write", Path: file, Err: errors.New("it is a folder")}
	case !info.Mode().IsRegular():
		return os.WriteFile(file, text, 0o666)
	}
	f, err := os.OpenFile(file+".fastmigrate-new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	made := f.Name()
	_, err = f.Write(text)
	if err == nil && info != nil {
		err = f.Chmod(info.Mode().Perm())
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(made, file)
	}
	if err != nil {
		_ = os.Remove(made)
		return err
	}
	return SyncFolder(filepath.Dir(file))
}
