package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/source"
)

// Version is the version of the program. It is set when the program is built:
//
//	go build -ldflags "-X github.com/fastmigrate/fastmigrate/cli.Version=v1.2.3"
var Version = "dev"

// ownName is what the program is called that is not another's.
const ownName = "fastmigrate"

// Config says what program the command line is of.
type Config struct {
	// Name is what the program is called in help. Empty means "fastmigrate".
	Name string
	// Open returns the backend of a database. It need not touch the database
	// yet. See connect.OpenWith.
	Open func(ctx context.Context, t Target) (backend.Backend, error)
	// Migrations are those that the program has in its code: functions, or
	// numbered files or edges of a graph, embedded, with functions among them.
	// nil means those in the folder that --migrations names.
	Migrations source.Source
	// Database is the database that is meant where nothing names one. Empty
	// means data/database.db.
	Database string
}

// Target says which database is meant, and for what.
type Target struct {
	Database   string              // a path or a URL; as it was written where the folder has a config.py
	Migrations string              // the folder, empty where its config.py is not asked
	Run        bool                // it is opened for one run that changes it
	Python     string              // the interpreter that was asked for, or empty
	Getenv     func(string) string // looks up environment variables
}

// streams is where a program reads and writes.
type streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Main runs the program that os.Args names, on the streams and the environment
// of the process, and returns the code to exit with. The first SIGINT or
// SIGTERM stops the run in good order, a second one ends the process.
//
// A program that is called by one of the five names that the Python tool
// fastmigrate had behaves as that one did.
func Main(c Config) int {
	if c.Name == "" {
		c.Name = ownName
	}
	ctx, stop := withSignals(context.Background())
	defer stop()
	s := streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	args := os.Args
	if len(args) == 0 {
		args = []string{c.Name}
	}
	program := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	if _, ok := compatPrograms()[program]; ok && c.Migrations == nil {
		return compat(ctx, program, args[1:], s, c)
	}
	return run(ctx, args[1:], s, os.Getenv, c)
}

// programVersion returns [Version], or what the go command built in where the
// program was installed by "go install".
var programVersion = sync.OnceValue(func() string {
	if Version != "dev" {
		return Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return Version
})
