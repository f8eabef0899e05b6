package migration

import "io"

// Kind names what a body is made of. It appears in tables and in JSON.
type Kind string

// The kinds of body.
const (
	KindSQL    Kind = "sql" // text in the database's own language
	KindPython Kind = "py"  // an outside program, run by a Python interpreter
	KindShell  Kind = "sh"  // an outside program, run by sh
	KindGo     Kind = "go"  // a function of the program itself
)

// Body is what a migration does in one direction: [*SQL], [*Program] or [*Go].
// The set is closed; a backend may switch over it.
type Body interface {
	// File is the name a person knows the body by: a base name such as
	// "0004-add-tags.sql".
	File() string
	// Kind says what the body is made of.
	Kind() Kind
	// Open returns the body's text as it is stored. The caller closes it.
	Open() (io.ReadCloser, error)

	sealed()
}

// SQL is a script in the database's own language. It is opened twice, to be
// inspected and to be executed, and never held in memory as a whole.
type SQL struct {
	Name   string                        // base name, for messages
	Reader func() (io.ReadCloser, error) // opens the text anew at each call
}

// File returns the script's base name.
func (s *SQL) File() string { return s.Name }

// Kind returns [KindSQL].
func (s *SQL) Kind() Kind { return KindSQL }

// Open opens the script's text from its beginning.
func (s *SQL) Open() (io.ReadCloser, error) { return s.Reader() }

func (s *SQL) sealed() {}

// Program is a script that runs as a child process, beside the database. What
// it does cannot be part of a transaction of ours.
type Program struct {
	Name     string                        // base name, for messages
	Language Kind                          // KindPython or KindShell
	Path     string                        // where it lies on disk; empty when it is embedded
	Reader   func() (io.ReadCloser, error) // opens the text anew at each call
}

// File returns the program's base name.
func (p *Program) File() string { return p.Name }

// Kind returns the program's language.
func (p *Program) Kind() Kind { return p.Language }

// Open opens the program's text from its beginning.
func (p *Program) Open() (io.ReadCloser, error) { return p.Reader() }

func (p *Program) sealed() {}
