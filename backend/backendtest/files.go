package backendtest

import (
	"io"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing/fstest"
)

// files is a folder of migrations: names and texts.
type files map[string]string

// folder returns the files as a file system.
func (f files) folder() fs.FS {
	folder := fstest.MapFS{}
	for name, text := range f {
		folder[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return folder
}

// with returns the files with one more, or with another text for one.
func (f files) with(name, text string) files {
	more := make(files, len(f)+1)
	for n, t := range f {
		more[n] = t
	}
	more[name] = text
	return more
}

// without returns the files without one.
func (f files) without(name string) files {
	fewer := f.with(name, "")
	delete(fewer, name)
	return fewer
}

// script returns the text of a script of the statements, one on each line.
func (s *suite) script(statements ...string) string {
	var b strings.Builder
	for _, statement := range statements {
		b.WriteString(statement + s.Scripts.Terminator + "\n")
	}
	return b.String()
}

// table returns the text of a script that makes a table with numbers in it.
func (s *suite) table(name string, numbers ...int) string {
	statements := []string{s.Scripts.CreateTable(name)}
	for _, n := range numbers {
		statements = append(statements, s.Scripts.Insert(name, n))
	}
	return s.script(statements...)
}

// long returns the text of a script that makes a table with the numbers from 1
// to n in it, with padding bytes of comment before each.
func (s *suite) long(table string, n, padding int) string {
	comment := s.Scripts.Comment + " " + strings.Repeat("x", padding) + "\n"
	var b strings.Builder
	b.WriteString(s.script(s.Scripts.CreateTable(table)))
	for i := range n {
		b.WriteString(comment + s.script(s.Scripts.Insert(table, i+1)))
	}
	return b.String()
}

// trap is a folder in which something happens when half of a file has been
// read for the second time: while it is being executed, since the first time is
// its inspection.
type trap struct {
	fs.FS
	file   string
	opened atomic.Int32
	spring func()
}

// Open opens a file of the folder.
func (f *trap) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil || name != f.file || f.opened.Add(1) != 2 {
		return file, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return &trapped{File: file, left: info.Size() / 2, spring: f.spring}, nil
}

// trapped is the file, opened for the second time.
type trapped struct {
	fs.File
	left   int64
	spring func()
}

// Read reads no further than to the trap, springs it, and goes on.
func (f *trapped) Read(p []byte) (int, error) {
	if f.left == 0 {
		f.spring()
		f.left = -1
	}
	if f.left > 0 && int64(len(p)) > f.left {
		p = p[:f.left]
	}
	n, err := f.File.Read(p)
	if f.left > 0 {
		f.left -= int64(n)
	}
	return n, err
}

// changing is a folder in which a file has another text from the second time on
// that it is opened.
type changing struct {
	fs.FS
	file, text string
	opened     atomic.Int32
}

// Open opens a file of the folder.
func (f *changing) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil || name != f.file || f.opened.Add(1) == 1 {
		return file, err
	}
	return &changed{File: file, r: strings.NewReader(f.text)}, nil
}

// changed is the file with another text.
type changed struct {
	fs.File
	r io.Reader
}

// Read reads the other text.
func (f *changed) Read(p []byte) (int, error) { return f.r.Read(p) }
