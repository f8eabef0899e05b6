package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/fastmigrate/fastmigrate/migration"
)

// The states of a link.
const (
	linkMade     = "made"
	linkKept     = "kept"     // it was there already
	linkReplaced = "replaced" // it led to a fastmigrate elsewhere
)

// linkState says what is to be done about the link at path.
func linkState(path, program string) (string, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return linkMade, nil
	}
	if err != nil {
		return "", fmt.Errorf("make the link: %w", err)
	}
	ours, err := os.Stat(program)
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	if there, err := os.Stat(path); err == nil && os.SameFile(there, ours) {
		return linkKept, nil
	}
	if target, err := os.Readlink(path); err == nil && info.Mode()&fs.ModeSymlink != 0 && filepath.Base(target) == filepath.Base(program) {
		return linkReplaced, nil
	}
	return "", &migration.Error{
		Op: "link", Err: fmt.Errorf("%s is there already, and is no link to this program: %w", path, fs.ErrExist),
		Hint: "remove it, or name another folder; no link was made",
	}
}

// makeLink makes a link that takes the place of the old one at once.
func makeLink(l LinkObject, program string) error {
	if l.State == linkKept {
		return nil
	}
	if runtime.GOOS == "windows" {
		return hardLink(program, l.Path)
	}
	// Beside the program a bare name goes on to work where both are moved, as
	// packages do.
	target := program
	if dir, err := filepath.EvalSymlinks(filepath.Dir(l.Path)); err == nil {
		if dir, err = filepath.Abs(dir); err == nil && dir == filepath.Dir(program) {
			target = filepath.Base(program)
		}
	}
	made := fmt.Sprintf("%s.%d", l.Path, os.Getpid())
	err := os.Symlink(target, made)
	if err == nil {
		if err = os.Rename(made, l.Path); err != nil {
			_ = os.Remove(made)
		}
	}
	if err != nil {
		return fmt.Errorf("make the link: %w", err)
	}
	return nil
}

// hardLink makes a hard link, or a copy where that can't be.
func hardLink(program, path string) error {
	if os.Link(program, path) == nil {
		return nil
	}
	from, err := os.Open(program)
	if err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o777)
	if err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}
