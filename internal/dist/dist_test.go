package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestGoreleaserHasTheSameTargets compares the lists of .goreleaser.yaml with ours.
func TestGoreleaserHasTheSameTargets(t *testing.T) {
	text, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lists, key := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if item, ok := strings.CutPrefix(line, "- "); ok && !strings.Contains(item, ":") {
			lists[key] = append(lists[key], item)
		} else {
			key = line
		}
	}
	var theirs []target
	for _, system := range lists["goos:"] {
		for _, processor := range lists["goarch:"] {
			theirs = append(theirs, target{system, processor})
		}
	}
	if !slices.Equal(theirs, targets) {
		t.Errorf("goreleaser builds for %v, make dist for %v", theirs, targets)
	}
}

// TestPack unpacks what was packed: the names, what is in the files, and that the
// program can be run. The same files give the same bytes.
func TestPack(t *testing.T) {
	at := time.Unix(1_800_000_000, 0).UTC()
	files := func() []file {
		return []file{{"fastmigrate", []byte("binary"), 0o755}, {"man/fastmigrate.1", []byte("page"), 0o644}}
	}
	for _, tt := range []struct {
		target target
		unpack func([]byte) (string, error)
		name   string
	}{
		{target{"linux", "amd64"}, unpackTar, "fastmigrate_1.2.3_linux_amd64.tar.gz"},
		{target{"windows", "arm64"}, unpackZip, "fastmigrate_1.2.3_windows_arm64.zip"},
	} {
		archive, err := tt.target.pack("v1.2.3", at, files())
		if err != nil {
			t.Fatal(err)
		}
		again, err := tt.target.pack("v1.2.3", at, files())
		if err != nil || !bytes.Equal(archive, again) {
			t.Errorf("%s: packed twice it is not the same, error %v", tt.name, err)
		}
		folder := tt.target.folder("v1.2.3")
		want := fmt.Sprintf("%s/fastmigrate -rwxr-xr-x binary %d\n%[1]s/man/fastmigrate.1 -rw-r--r-- page %d\n", folder, at.Unix(), at.Unix())
		if got, err := tt.unpack(archive); got != want || err != nil {
			t.Errorf("%s has\n%swant\n%serror %v", tt.name, got, want, err)
		}
		if got := tt.target.archive("v1.2.3"); got != tt.name {
			t.Errorf("the archive is called %s, want %s", got, tt.name)
		}
	}
}

func unpackTar(archive []byte) (string, error) {
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return all.String(), nil
		}
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&all, "%s %v %s %d\n", h.Name, h.FileInfo().Mode(), text, h.ModTime.Unix())
	}
}

func unpackZip(archive []byte) (string, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&all, "%s %v %s %d\n", f.Name, f.Mode(), text, f.Modified.Unix())
	}
	return all.String(), nil
}

// TestCommonFiles finds, in the module's root folder, what each archive has.
func TestCommonFiles(t *testing.T) {
	t.Chdir("../..")
	files, err := commonFiles()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		if len(f.text) == 0 {
			t.Errorf("%s is empty", f.name)
		}
		names = append(names, f.name)
	}
	for _, want := range []string{"LICENSE", "README.md", "CHANGELOG.md", "man/fastmigrate.1", "man/fastmigrate-up.1",
		"completions/_fastmigrate", "completions/fastmigrate.bash", "completions/fastmigrate.fish", "completions/fastmigrate.ps1"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing from %q", want, names)
		}
	}
}
