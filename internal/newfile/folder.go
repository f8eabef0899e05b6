// Package newfile puts files into place whole or not at all, and never over
// another unless that is what is asked for.
package newfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// MakeFolders makes a folder and those that lead to it, and returns those it
// made, innermost first, beside an error, too.
func MakeFolders(dir string) (made []string, err error) {
	if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
		return nil, nil
	}
	if made, err = MakeFolders(filepath.Dir(dir)); err != nil {
		return made, err
	}
	err = os.Mkdir(dir, 0o777)
	if errors.Is(err, os.ErrExist) {
		return made, nil // somebody was faster, or it is no folder, as the next step will find
	}
	if err != nil {
		return made, fmt.Errorf("make the folder: %w", err)
	}
	return append([]string{dir}, made...), nil
}

// SyncFolder makes the names in a folder durable, where the system can.
func SyncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	_ = f.Sync() // not every system can sync a folder
	return f.Close()
}
