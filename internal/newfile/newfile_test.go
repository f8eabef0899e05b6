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
