//go:build !unix

package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// open opens the file at path; name is what an error calls it.
func open(path, name string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		failed.Path = name
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}
