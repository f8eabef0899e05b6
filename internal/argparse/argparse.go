// Package argparse reads command lines as Python's argparse does.
//
// The five executables of fastmigrate were argparse programs that take options
// only. Scripts and habits rely on how it reads them: `--mig` stands for
// `--migrations`, the last of repeated options wins, `--db=-x.db` names a file
// where `--db -x.db` is an error, and a wrong command line ends with 2. No Go
// flag package agrees in all of that, so this one follows argparse itself, as
// Python 3.11 has it, down to which of two errors is found first.
//
// What is here is what such programs use: options that take one text, flags,
// and -h/--help, which every program has. There are no positional arguments, so
// every word that no option takes is an error.
//
// It differs once on purpose: `--db=--` gives the text "--", where that Python
// gives an empty list.
package argparse

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Option is one option of a program.
type Option struct {
	Long    string // without dashes: "db"; also its name in Values
	Short   byte   // 'v' for -v; 0 if there is none; no digit, see classify
	Value   string // what help calls the text it takes: "PATH"; empty makes it a flag
	Default string // the text if it is not given; help tells it
	Help    string
}

// Parser is what a program knows of its command line. Program, the name in
// usage and errors, is the caller's to cut from os.Args[0].
type Parser struct {
	Program     string
	Description string
	Options     []Option // all but -h/--help
}

// help is the option that every parser has, before its own.
var help = Option{Long: "help", Short: 'h', Help: "show this help message and exit"}

// options returns all options in the order of usage and help.
func (p Parser) options() []Option {
	return append([]Option{help}, p.Options...)
}

// spellings returns how an option can be given, the short form first.
func (o Option) spellings() []string {
	if o.Short == 0 {
		return []string{"--" + o.Long}
	}
	return []string{"-" + string(rune(o.Short)), "--" + o.Long}
}

// String names the option in errors: -v/--verbose.
func (o Option) String() string {
	return strings.Join(o.spellings(), "/")
}

// isFlag reports whether the option takes no text.
func (o Option) isFlag() bool {
	return o.Value == ""
}

// ErrHelp is what Parse returns if it met -h or --help before an error.
var ErrHelp = errors.New("help was asked for")

// UsageError says what is wrong with a command line.
type UsageError struct {
	Message string
}

func (e *UsageError) Error() string {
	return e.Message
}

// usageErrorf makes a UsageError of a format.
func usageErrorf(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}

// Exit writes what a program says when Parse returned an error, and returns the
// code it exits with: help on stdout and 0 for ErrHelp, usage and error on
// stderr and 2 for all else.
func (p Parser) Exit(err error, stdout, stderr io.Writer) int {
	if errors.Is(err, ErrHelp) {
		fmt.Fprint(stdout, p.Help())
		return 0
	}
	fmt.Fprintf(stderr, "%s%s: error: %v\n", p.Usage(), p.Program, err)
	return 2
}
