package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate/cli"
)

// file is one file of an archive.
type file struct {
	name string // with slashes
	text []byte
	mode os.FileMode
}

// build builds the program for a target.
func build(t target, version string) (file, error) {
	dir, err := os.MkdirTemp("", "fastmigrate-dist-")
	if err != nil {
		return file{}, err
	}
	defer os.RemoveAll(dir)
	name := "fastmigrate"
	if t.system == "windows" {
		name += ".exe"
	}
	path := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-o", path,
		"-ldflags", "-s -w -X github.com/fastmigrate/fastmigrate/cli.Version="+version, "./cmd/fastmigrate")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.system, "GOARCH="+t.processor)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return file{}, fmt.Errorf("build for %s/%s: %w", t.system, t.processor, err)
	}
	text, err := os.ReadFile(path)
	return file{name, text, 0o755}, err
}

// commonFiles returns what stands beside the binary in each archive.
func commonFiles() ([]file, error) {
	paths := []string{"LICENSE", "README.md", "CHANGELOG.md"}
	pages, err := filepath.Glob("docs/man/*.1")
	if err != nil {
		return nil, err
	}
	files, err := completions()
	if err != nil {
		return nil, err
	}
	for _, path := range append(paths, pages...) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(path)
		if filepath.Ext(path) == ".1" {
			name = "man/" + name
		}
		files = append(files, file{name, text, 0o644})
	}
	return files, nil
}

// completions returns the scripts that let a shell complete the program's words.
func completions() ([]file, error) {
	root := cli.Command(cli.Config{})
	var bash, zsh, fish, power bytes.Buffer
	for _, err := range []error{
		root.GenBashCompletionV2(&bash, true), root.GenZshCompletion(&zsh),
		root.GenFishCompletion(&fish, true), root.GenPowerShellCompletionWithDesc(&power),
	} {
		if err != nil {
			return nil, err
		}
	}
	return []file{
		{"completions/fastmigrate.bash", bash.Bytes(), 0o644},
		{"completions/_fastmigrate", zsh.Bytes(), 0o644},
		{"completions/fastmigrate.fish", fish.Bytes(), 0o644},
		{"completions/fastmigrate.ps1", power.Bytes(), 0o644},
	}, nil
}

// writeCompletions writes the scripts into a folder.
func writeCompletions(dir string) error {
	files, err := completions()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f.name)), f.text, f.mode); err != nil {
			return err
		}
	}
	return nil
}
