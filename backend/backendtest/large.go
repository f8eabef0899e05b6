package backendtest

import (
	"io"
	"io/fs"
	"runtime"
	"strings"
	"testing"
)

// The large script: a table, then chunks, each a long comment and an INSERT.
const (
	largeBytes = 50 << 20
	largeChunk = 32 << 10
	largeRoom  = 12 << 20 // bytes of memory that a backend may hold on to meanwhile
)

// large: a script of 50 MB is applied without being held in memory.
func (s *suite) large(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	d := s.managed(t)
	n := largeBytes / largeChunk
	b := d.again()
	if _, err := migrate(t.Context(), b, files{"0001-small.sql": s.table("small", 1)}.folder(), request{}); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	before, most := memory.HeapAlloc, uint64(0)
	folder := &generated{FS: files{"0001-small.sql": s.table("small", 1), "0002-large.sql": ""}.folder(), file: "0002-large.sql"}
	folder.text = func() io.Reader {
		return &chunks{left: n + 1, next: func(i int) string {
			if i == 0 {
				return s.script(s.Scripts.CreateTable("large"))
			}
			if i%(n/8) == 0 {
				runtime.GC()
				runtime.ReadMemStats(&memory)
				most = max(most, memory.HeapAlloc)
			}
			insert := s.script(s.Scripts.Insert("large", i))
			return s.Scripts.Comment + strings.Repeat(" x", (largeChunk-len(insert))/2) + "\n" + insert
		}}
	}
	report, err := migrate(t.Context(), b, folder, request{})
	if err != nil {
		t.Fatalf("up: %s, %v", reported(report), err)
	}
	d.holds("large", first(n)...)
	grown := max(most, before) - before
	t.Logf("%d bytes of script took %d bytes of memory", largeBytes, grown)
	if grown > largeRoom && s.Failure != Unknown {
		t.Errorf("a script of %d bytes took %d bytes of memory, want at most %d", largeBytes, grown, largeRoom)
	}
}

// generated is a folder in which the text of one file is made while it is read.
type generated struct {
	fs.FS
	file string
	text func() io.Reader
}

// Open opens a file of the folder.
func (g *generated) Open(name string) (fs.File, error) {
	file, err := g.FS.Open(name)
	if err != nil || name != g.file {
		return file, err
	}
	return &changed{File: file, r: g.text()}, nil
}

// chunks is a text that is made piece by piece.
type chunks struct {
	i, left int
	next    func(i int) string
	piece   string
}

// Read reads on.
func (c *chunks) Read(p []byte) (int, error) {
	if c.piece == "" {
		if c.left == 0 {
			return 0, io.EOF
		}
		c.piece = c.next(c.i)
		c.i++
		c.left--
	}
	n := copy(p, c.piece)
	c.piece = c.piece[n:]
	return n, nil
}
