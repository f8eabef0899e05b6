package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"golang.org/x/term"

	"github.com/fastmigrate/fastmigrate/migration"
)

// printer writes for people: results on the standard output, everything else
// on the standard error. Results are buffered until somebody may be waiting for
// them, because a thousand small migrations end at the same moment.
type printer struct {
	out      *bufio.Writer
	err      io.Writer
	screen   *os.File // what out leads to, where that is a file
	terminal bool     // which is a terminal
	colour   bool     // err is a terminal that may have colours, and a line that moves

	colourful bool // the same of out

	json, quiet, verbose bool
	program              string // what hints call it
	rehearsal            bool   // what is applied is applied to a copy

	failed error                   // of the first write to out
	told   map[migration.Kind]bool // whose interpreter was told
	live   *live
	course course
}

// The colours there are: one for each word that begins a line on the standard
// error.
const (
	red    = "\x1b[31;1m"
	yellow = "\x1b[33;1m"
	cyan   = "\x1b[36m"
	reset  = "\x1b[0m"
)

func newPrinter(s streams, getenv func(string) string) *printer {
	p := &printer{err: s.Err, terminal: isTerminal(s.Out), told: make(map[migration.Kind]bool), live: &live{}}
	p.screen, _ = s.Out.(*os.File)
	p.out = bufio.NewWriterSize(watched{s.Out, p}, 16<<10)
	p.colour, p.colourful = fancy(s.Err, getenv), fancy(s.Out, getenv)
	if p.colour {
		p.live = newLive(s.Err, getenv)
	}
	return p
}

// fancy says whether something is a terminal that may get more than plain text.
func fancy(w io.Writer, getenv func(string) string) bool {
	return isTerminal(w) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb" && takesEscapes(w.(*os.File))
}

func isTerminal(w io.Writer) bool {
	_, ok := terminalOf(w)
	return ok
}

func terminalOf(w io.Writer) (f *os.File, ok bool) {
	f, ok = w.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// columns returns how many columns the terminal has that results are written
// to, or 0 where there is none.
func (p *printer) columns() int {
	columns, _ := p.dimensions()
	return columns
}

// dimensions returns the columns and the lines of that terminal, or zeros.
func (p *printer) dimensions() (columns, lines int) {
	if !p.terminal {
		return 0, 0
	}
	return dimensionsOf(p.screen)
}

func dimensionsOf(f *os.File) (columns, lines int) {
	columns, lines, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, lines
}

// result writes a line about what was done. Quiet runs go without.
func (p *printer) result(format string, args ...any) {
	if !p.quiet {
		p.answer(format, args...)
	}
}

// answer writes a line that the verb is for.
func (p *printer) answer(format string, args ...any) {
	if !p.json {
		fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// write writes a text that the verb is for, as it is.
func (p *printer) write(text string) {
	if !p.json {
		io.WriteString(p.out, text)
	}
}

// note writes a line on the standard error that only a verbose run has.
func (p *printer) note(format string, args ...any) {
	if p.verbose {
		p.complain(format+"\n", args...)
	}
}

// complain writes on the standard error, after what was written before.
func (p *printer) complain(format string, args ...any) {
	p.flush()
	p.live.aside(func() {
		if p.live.open {
			p.live.open = false
			fmt.Fprintln(p.err)
		}
		fmt.Fprintf(p.err, format, args...)
	})
}

// alert writes a line that begins with a coloured word.
func (p *printer) alert(colour, word, text string) {
	if p.colour {
		word = colour + word + reset
	}
	p.complain("%s %s\n", word, text)
}

// childMark stands before each line that an outside program printed.
const childMark = "  | "

// child writes what an outside program prints, as it comes.
func (p *printer) child(chunk []byte) {
	p.flush()
	p.live.aside(func() {
		for line := range bytes.Lines(chunk) {
			if !p.live.open {
				io.WriteString(p.err, childMark)
			}
			p.err.Write(line)
			p.live.open = line[len(line)-1] != '\n'
		}
	})
}

// childBlock writes all that an outside program printed.
func (p *printer) childBlock(text string) {
	p.child([]byte(strings.TrimRight(text, "\n") + "\n"))
}

// flush hands over what is buffered.
func (p *printer) flush() { _ = p.out.Flush() }

// watched remembers that output was lost. A reader that has gone away, like
// head(1), has seen what it wanted.
type watched struct {
	io.Writer
	p *printer
}

// Write never fails: a run goes on whose output can't be written, and says so
// at its end.
func (w watched) Write(b []byte) (int, error) {
	var err error
	w.p.live.aside(func() { _, err = w.Writer.Write(b) })
	if err != nil && w.p.failed == nil && !errors.Is(err, syscall.EPIPE) {
		w.p.failed = err
	}
	return len(b), nil
}
