package newfile

import (
	"errors"
	"os"
)

// Move gives a file that is whole the name it is to have, in one step where
// the system can: then a killed process leaves either name and never both. The
// error wraps [os.ErrExist] where the name is taken.
func Move(from, to string) error {
	err := renameNew(from, to)
	if err == nil || errors.Is(err, os.ErrExist) {
		return err
	}
	err = os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, os.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: os.ErrExist}
	}
	return os.Rename(from, to) // a file system without links
}
