package script

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
)

// Extract writes a body that has no path on disk, as one of an embed.FS, to a
// temporary file that an interpreter can be given, and returns the file's path.
// It keeps the last element of name, which the interpreter quotes in its errors,
// and is readable by us alone (0600 in a folder of its own, 0700): a body may
// hold secrets. Files that lie beside the original are not there.
//
// cleanup removes the file and its folder; it may be called more than once. On
// failure nothing is left behind, and cleanup is nil.
func Extract(name string, r io.Reader) (file string, cleanup func() error, err error) {
	folder, err := os.MkdirTemp("", "fastmigrate-")
	if err != nil {
		return "", nil, fmt.Errorf("extract script %q: %w", name, err)
	}
	cleanup = func() error { return os.RemoveAll(folder) }

	file = filepath.Join(folder, path.Base(filepath.ToSlash(name)))
	if err := writePrivate(file, r); err != nil {
		return "", nil, fmt.Errorf("extract script %q: %w", name, errors.Join(err, cleanup()))
	}
	return file, cleanup, nil
}

// writePrivate writes a new file that only we may read.
func writePrivate(file string, r io.Reader) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}
