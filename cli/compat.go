package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/argparse"
	"github.com/fastmigrate/fastmigrate/internal/configparser"
	"github.com/fastmigrate/fastmigrate/migration"
)

// The defaults of the Python tool.
const (
	compatDatabase   = "data/database.db"
	compatMigrations = "migrations"
	compatConfig     = ".fastmigrate"
)

// compatProgram is one of the five executables of the Python tool.
type compatProgram struct {
	description string
	options     []argparse.Option // beside --db and --config_path
	main        func(ctx context.Context, p *compatCall) int
}

// compatPrograms returns the five executables by name.
func compatPrograms() map[string]compatProgram {
	migrations := argparse.Option{
		Long: "migrations", Value: "PATH", Default: compatMigrations, Help: "the folder of the migrations",
	}
	return map[string]compatProgram{
		"fastmigrate_create_db": {
			description: "Create a database that migrations can be run on, at version 0.",
			main:        compatCreate,
		},
		"fastmigrate_check_version": {
			description: "Tell the version of fastmigrate and that of a database.",
			main:        compatCheck,
		},
		"fastmigrate_backup_db": {
			description: "Write a consistent copy of a database beside it.",
			main:        compatBackup,
		},
		"fastmigrate_run_migrations": {
			description: "Apply all migrations above the database's version.",
			options: []argparse.Option{
				migrations,
				{Long: "backup", Help: "back the database up first"},
				{Long: "verbose", Short: 'v', Help: "tell what is done"},
			},
			main: compatRun,
		},
		"fastmigrate_enroll_db": {
			description: "Adopt an existing database: write its schema as the first migration and set its version to 1.",
			options:     []argparse.Option{migrations},
			main:        compatEnroll,
		},
	}
}

// compat behaves as one of the five executables of the Python tool, which it
// replaces, and returns the code to exit with.
func compat(ctx context.Context, program string, args []string, s streams, c Config) int {
	p, ok := compatPrograms()[program]
	if !ok {
		fmt.Fprintf(s.Err, "Error: no such program: %s\n", program)
		return exitUsage
	}
	parser := argparse.Parser{
		Program:     program,
		Description: p.description,
		Options: slices.Concat([]argparse.Option{
			{Long: "db", Value: "PATH", Default: compatDatabase, Help: "the database file"},
			{Long: "config_path", Value: "PATH", Default: compatConfig, Help: "the configuration file"},
		}, p.options),
	}
	values, err := parser.Parse(args)
	if err != nil {
		return parser.Exit(err, s.Out, s.Err)
	}
	folder := slices.ContainsFunc(p.options, func(o argparse.Option) bool { return o.Long == "migrations" })
	return p.main(ctx, &compatCall{streams: s, config: c, values: values, folder: folder})
}

// compatCall is one call of an executable.
type compatCall struct {
	streams
	config Config
	values argparse.Values
	folder bool // whether there is an option --migrations

	given      string // the database, as it was written
	db         string // the database, as it is printed
	migrations string // the folder, as it is printed
}

// settle finds out which database and which migrations are meant: what the
// command line says, or else the config file, or else the default.
func (c *compatCall) settle() error {
	file, err := readCompatConfig(c.values.String("config_path"), c.values.Given("config_path"))
	if err != nil {
		return err
	}
	if c.given, err = c.setting(file, "db"); err != nil {
		return err
	}
	if c.given == "" {
		return errors.New("the path of the database is empty")
	}
	c.db = cleanPath(c.given)
	if c.folder {
		folder, err := c.setting(file, "migrations")
		if err != nil {
			return err
		}
		c.migrations = cleanPath(folder)
	}
	return nil
}

// setting returns the value of one option.
func (c *compatCall) setting(file *configparser.File, option string) (string, error) {
	if file == nil || c.values.Given(option) {
		return c.values.String(option), nil
	}
	value, ok, err := file.Get("paths", option)
	if err == nil && !ok {
		value = c.values.String(option)
	}
	return value, err
}

// readCompatConfig reads the config file. It returns nil where there is none,
// unless it was asked for by name.
func readCompatConfig(path string, asked bool) (*configparser.File, error) {
	shown := cleanPath(path)
	info, err := os.Stat(shown)
	switch {
	case errors.Is(err, os.ErrNotExist) && !asked:
		return nil, nil
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("config file does not exist: %s", shown)
	case err != nil:
		return nil, fmt.Errorf("cannot read the config file: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("the config file is a folder: %s", shown)
	}
	f, err := os.Open(shown)
	if err != nil {
		return nil, fmt.Errorf("cannot read the config file: %w", err)
	}
	defer f.Close()
	return configparser.Parse(f, shown)
}

// open returns the backend of the database at path. Only a run asks the hooks of
// a config.py, see compatRun.
func (c *compatCall) open(ctx context.Context, path string) (backend.Backend, error) {
	return c.config.Open(ctx, Target{Database: path, Getenv: compatGetenv})
}

// missing says that there is no database.
func (c *compatCall) missing() string { return "Database file does not exist: " + c.db }

// unmanagedHint is what to do about a database without a version table.
const unmanagedHint = "fastmigrate_create_db makes a new database; fastmigrate_enroll_db adopts an existing one"

// fail prints an error with the statement it is about, what a program printed
// and the hint, and returns the code to exit with.
func (c *compatCall) fail(ctx context.Context, w io.Writer, err error) int {
	var raised traced
	if errors.As(err, &raised) && c.values.Bool("verbose") && raised.Traceback() != "" {
		fmt.Fprintln(w, strings.TrimSuffix(raised.Traceback(), "\n"))
	}
	printCompatError(w, err)
	return compatExit(ctx, err)
}

// traced is an error of a function in config.py.
type traced interface {
	error
	Traceback() string // what Python would have printed
}

// printCompatError prints an error with what else is known of it.
func printCompatError(w io.Writer, err error) {
	hint := migration.HintOf(err)
	switch {
	case errors.Is(err, migration.ErrNotManaged):
		hint = unmanagedHint
	case errors.Is(err, migration.ErrBusyRun):
		hint = "wait for it to end; fastmigrate up --lock-timeout waits longer"
	}
	fmt.Fprintf(w, "Error: %v\n", err)
	var located *migration.Error
	if errors.As(err, &located) && located.Statement != "" {
		fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(located.Statement, "\n", "\n  "))
	}
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}

// compatExit returns the code that an error stands for: 1, that of the signal
// which ended the run, or what a function in config.py gave to sys.exit.
func compatExit(ctx context.Context, err error) int {
	if code := exitCode(ctx, err); code >= exitInterrupted {
		return code
	}
	var exits interface{ ExitCode() int }
	if errors.As(err, &exits) {
		return exits.ExitCode()
	}
	return exitFailure
}

// cleanPath returns a path as the executables print it: without "./" and
// without doubled or trailing slashes. Unlike filepath.Clean it keeps "..",
// which may lead elsewhere behind a link.
func cleanPath(path string) string {
	volume := filepath.VolumeName(path)
	path = path[len(volume):]
	separator := string(os.PathSeparator)
	var parts []string
	for part := range strings.SplitSeq(filepath.FromSlash(path), separator) {
		if part != "" && part != "." {
			parts = append(parts, part)
		}
	}
	clean := strings.Join(parts, separator)
	if path != "" && os.IsPathSeparator(path[0]) {
		clean = separator + clean
	}
	return cmp.Or(volume+clean, ".")
}
