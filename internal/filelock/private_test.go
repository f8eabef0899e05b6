//go:build unix

package filelock

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPrivate(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a, err := Private("postgres://me:secret@host/db")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Private("postgres://me:secret@host/other")
	if err != nil || a == b || strings.Contains(a, "secret") || filepath.Dir(a) != filepath.Dir(b) {
		t.Errorf("%s, %s, %v", a, b, err)
	}
	if again, err := Private("postgres://me:secret@host/db"); err != nil || again != a {
		t.Errorf("%s, then %s, %v", a, again, err)
	}
	if info, err := os.Stat(filepath.Dir(a)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	l, err := Acquire(t.Context(), a, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// A folder in which another user could put a file is not trusted.
func TestPrivateIsRefused(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"open to others": func(path string) error {
			if err := os.Mkdir(path, 0o700); err != nil {
				return err
			}
			return os.Chmod(path, 0o755)
		},
		"a link": func(path string) error { return os.Symlink(t.TempDir(), path) },
		"a file": func(path string) error { return os.WriteFile(path, nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			t.Setenv("TMPDIR", folder)
			if err := put(filepath.Join(folder, folderName())); err != nil {
				t.Fatal(err)
			}
			if path, err := Private("x"); err == nil || !strings.Contains(err.Error(), "this user alone") {
				t.Errorf("%s, %v", path, err)
			}
		})
	}
}
