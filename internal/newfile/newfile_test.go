package newfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/newfile"
)

func TestMakeFolders(t *testing.T) {
	top := t.TempDir()
	a, b := filepath.Join(top, "a"), filepath.Join(top, "a", "b")
	made, err := newfile.MakeFolders(b)
	if err != nil || !slices.Equal(made, []string{b, a}) {
		t.Errorf("made %v, %v", made, err)
	}
	if made, err := newfile.MakeFolders(b); err != nil || made != nil {
		t.Errorf("made %v again, %v", made, err)
	}
	file := filepath.Join(top, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if made, err := newfile.MakeFolders(filepath.Join(file, "c")); err == nil || made != nil {
		t.Errorf("a folder in a file: %v, %v", made, err)
	}
}

// A file takes its name only where that is free, and has one name afterwards.
func TestMove(t *testing.T) {
	top := t.TempDir()
	from, to := filepath.Join(top, "from"), filepath.Join(top, "to")
	write := func(text string) {
		if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("first")
	if err := newfile.Move(from, to); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(from); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file still has its first name: %v", err)
	}
	write("second")
	if err := newfile.Move(from, to); !errors.Is(err, os.ErrExist) {
		t.Errorf("moved over another file: %v", err)
	}
	if text, err := os.ReadFile(to); err != nil || string(text) != "first" {
		t.Errorf("the name has %q, %v", text, err)
	}
	if err := newfile.SyncFolder(top); err != nil {
		t.Error(err)
	}
}

// A text takes the place of another whole, or not at all; its mode and a link
// to it stay.
func TestReplace(t *testing.T) {
	top := t.TempDir()
	file, link := filepath.Join(top, "file"), filepath.Join(top, "link")
	wants := func(want string) {
		t.Helper()
		if text, err := os.ReadFile(file); err != nil || string(text) != want {
			t.Errorf("the file has %q, %v; want %q", text, err, want)
		}
		if entries, _ := os.ReadDir(top); len(entries) > 2 {
			t.Errorf("left behind: %v", entries)
		}
	}
	if err := newfile.Replace(file, []byte("first")); err != nil {
		t.Fatal(err)
	}
	wants("first")
	if err := errors.Join(os.Chmod(file, 0o640), os.Symlink("file", link), newfile.Replace(link, []byte("second"))); err != nil {
		t.Fatal(err)
	}
	wants("second")
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", info, err)
	}
	// What stands in the way of the new file keeps the old one.
	if err := os.Mkdir(file+".fastmigrate-new", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := newfile.Replace(file, []byte("third")); err == nil {
		t.Error("replaced by way of a folder")
	}
	_ = os.Remove(file + ".fastmigrate-new")
	wants("second")
	if err := newfile.Replace(top, nil); err == nil {
		t.Error("a folder was replaced")
	}
	if err := newfile.Replace(filepath.Join(top, "no", "file"), nil); err == nil {
		t.Error("written into a folder that is not there")
	}
}
