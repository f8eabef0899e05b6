//go:build unix

package source

import (
	"io"
	"io/fs"
	"os"
	"syscall"
)

// open opens the file at path; name is what an error calls it. os.Open offers
// each file to the system's poller, which takes none that lies on a disk: five
// calls of the system for nothing, for each of a thousand small files.
func open(path, name string) (io.ReadCloser, error) {
	for {
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), path), nil
		case syscall.EINTR:
			continue
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
}
