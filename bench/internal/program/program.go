// Package program builds the programs that are measured, each when it is first
// asked for.
package program

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Program is one to build.
type Program struct {
	Name    string // of the file
	Package string // below the module's folder
	Parent  bool   // of our own module, not of the suite's
	Made    bool   // what make build has made, whichever engine that has
	C       bool   // with SQLite's C engine
	Overlay string // a file that puts others in the place of those on disk, see go help build
}

// Builder builds programs, with the go command.
type Builder struct {
	Root string // the folder of our own module
	Dir  string // where the programs are put
	// Tags are the build tags of the C engine. Empty means that there is no C
	// compiler, and so no program with that engine.
	Tags string
	// Binary is what make build has made. Empty means that it is built here.
	Binary string
	// Like is how the tests build, "-race" or "": packages that they have
	// compiled are compiled no second time. Empty otherwise.
	Like []string

	built map[string]string
}

// HasC says whether programs with the C engine can be built.
func (b *Builder) HasC() bool { return b.Tags != "" }

// Path returns the path of a program, which it builds first where that has not
// been done.
func (b *Builder) Path(ctx context.Context, p Program) (string, error) {
	if p.Made && b.Binary != "" {
		return filepath.Abs(b.Binary)
	}
	if path, ok := b.built[p.Name]; ok {
		return path, nil
	}
	path, err := filepath.Abs(filepath.Join(b.Dir, p.Name))
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-buildvcs=false"}, b.flags(p, path)...)...)
	cmd.Dir, cmd.Env = b.Root, os.Environ()
	if !p.Parent {
		cmd.Dir = filepath.Join(b.Root, "bench")
	}
	if !p.C && b.Like == nil {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=0")
	}
	var told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &told, &told
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, told.Bytes())
	}
	if b.built == nil {
		b.built = map[string]string{}
	}
	b.built[p.Name] = path
	return path, nil
}

// flags returns the flags that make build has, but those of the tests where a
// test builds.
func (b *Builder) flags(p Program, path string) []string {
	flags := []string{"-trimpath", "-ldflags", "-s -w"}
	if b.Like != nil {
		flags = append([]string(nil), b.Like...)
	}
	if p.C {
		flags = append(flags, "-tags", b.Tags)
	}
	if p.Overlay != "" {
		flags = append(flags, "-overlay", p.Overlay)
	}
	return append(flags, "-o", path, "./"+p.Package)
}
