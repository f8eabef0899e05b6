package script

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func TestExtract(t *testing.T) {
	const text = "print('a')\r\n\xff\x00"
	path, cleanup, err := Extract("migrations/0001-a b.py", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(path) != "0001-a b.py" {
		t.Errorf("named %s", path)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Errorf("holds %q, error %v", got, err)
	}
	if runtime.GOOS != "windows" { // it has no such modes
		mode(t, path, 0o600)
		mode(t, filepath.Dir(path), os.ModeDir|0o700)
	}
	for range 2 {
		if err := cleanup(); err != nil {
			t.Errorf("clean up: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
}

func TestExtractLeavesNothingWhenItFails(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	broken := errors.New("broken")
	for name, r := range map[string]io.Reader{
		"0001-a.py": io.MultiReader(strings.NewReader("print"), iotest.ErrReader(broken)),
		"":          strings.NewReader(""),
		"..":        strings.NewReader(""),
		"/":         strings.NewReader(""),
	} {
		path, cleanup, err := Extract(name, r)
		if err == nil || path != "" || cleanup != nil {
			t.Errorf("%q: path %q, error %v", name, path, err)
		}
		if name == "0001-a.py" && !errors.Is(err, broken) {
			t.Errorf("error %v does not match the reader's", err)
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
}

func mode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != want {
		t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
	}
}
