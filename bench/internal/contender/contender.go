// Package contender holds those who take part: what each is called, how it
// wants its migrations, and the command that does the work.
package contender

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/fastmigrate/fastmigrate/bench/internal/measure"
	"github.com/fastmigrate/fastmigrate/bench/internal/program"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// Contender is one who takes part.
type Contender struct {
	Name string
	Kind race.Kind
	How  string // what it is and what it does, for the page of results
	// Program is built by the suite; where it has no name, OnPath is looked for.
	Program program.Program
	OnPath  string
	// Real is a pattern of where the program itself stands where what is on the
	// PATH is a script around it. The last that matches is taken. It may be empty.
	Real string
	// Python says that what is on the PATH must be a Python script: our own
	// program has a link of the same name.
	Python bool
	Layout Layout
	// Hash returns a command that is run once in a folder of migrations. It may
	// be nil.
	Hash func(bin, files string) measure.Command
	// Empty returns the command that makes a managed database without tables,
	// for the contenders that want one. It may be nil.
	Empty func(bin, db string) measure.Command
	// MustExist says that Up makes no database where there is none.
	MustExist bool
	// Up returns the command that brings a database, which is a path or a URL,
	// to the newest version.
	Up func(bin, db, files string) measure.Command
	// Idle returns the command that is measured where nothing is to be done. nil
	// means Up.
	Idle func(bin, db, files string) measure.Command
	// Copy says that it can run a script with COPY data in it.
	Copy bool

	Bin    string // its program, once it is ready
	Absent string // why it can't take part
}

// Ready builds or finds the contenders' programs. Those that are not there are
// marked as absent.
func Ready(ctx context.Context, b *program.Builder, all []Contender) ([]Contender, error) {
	for i := range all {
		c := &all[i]
		var err error
		switch {
		case c.Program.Name == "":
			c.Bin, c.Absent = find(*c)
		case c.Program.C && !b.HasC():
			c.Absent = "no C compiler"
		default:
			if c.Bin, err = b.Path(ctx, c.Program); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// find looks on the PATH.
func find(c Contender) (path, absent string) {
	path, err := exec.LookPath(c.OnPath)
	if err != nil {
		return "", c.OnPath + " is not on the PATH"
	}
	if c.Python && !script(path) {
		return "", c.OnPath + " on the PATH is not the Python tool's"
	}
	if real, _ := filepath.Glob(c.Real); len(real) > 0 {
		path = real[len(real)-1]
	}
	return path, ""
}

// script says whether a file begins as a Python script.
func script(path string) bool {
	text, err := os.ReadFile(path)
	first, _, _ := strings.Cut(string(text[:min(len(text), 200)]), "\n")
	return err == nil && strings.HasPrefix(first, "#!") && strings.Contains(first, "python")
}

// Present returns those that take part.
func Present(all []Contender) []Contender {
	var present []Contender
	for _, c := range all {
		if c.Absent == "" {
			present = append(present, c)
		}
	}
	return present
}

func command(args ...string) measure.Command { return measure.Command{Args: args} }
