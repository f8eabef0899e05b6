package rawfile

import (
	"io"
	"os"
	"syscall"
)

// The bytes that SQLite's processes lock (sqlite.org/lockingv3.html): a writer
// that waits for its readers to end holds the first, each reader a shared lock on
// the range behind it, and who writes to the file an exclusive one.
const (
	pendingByte = 0x40000000
	sharedFirst = pendingByte + 2
	sharedSize  = 510
)

// open opens a file for reading, past Go's poller.
func open(path string) (*os.File, error) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// lock takes the lock of a reader, which closing the file gives back. It does not
// wait.
func lock(file *os.File) error {
	if err := set(file, syscall.F_RDLCK, pendingByte, 1); err != nil {
		return err
	}
	err := set(file, syscall.F_RDLCK, sharedFirst, sharedSize)
	if free := set(file, syscall.F_UNLCK, pendingByte, 1); err == nil {
		err = free
	}
	return err
}

func set(file *os.File, kind int16, start, length int64) error {
	return syscall.FcntlFlock(file.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: kind, Whence: io.SeekStart, Start: start, Len: length})
}
