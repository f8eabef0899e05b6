package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/fastmigrate/fastmigrate"
)

// passingEvery is how often the passing line is written anew at most.
const passingEvery = 100 * time.Millisecond

// passing is a line on the terminal that tells what a long migration is doing.
// It is written over, and gone before anything else is written.
type passing struct {
	terminal *os.File // nil where the standard error is none
	shown    bool
	last     time.Time
}

func newPassing(w io.Writer, getenv func(string) string) passing {
	if f, ok := w.(*os.File); ok && isTerminal(w) && getenv("TERM") != "dumb" {
		return passing{terminal: f}
	}
	return passing{}
}

// show writes the line, cut to what fits.
func (p *passing) show(text string) {
	if p.terminal == nil || time.Since(p.last) < passingEvery {
		return
	}
	p.shown, p.last = true, time.Now()
	if columns, _, err := term.GetSize(int(p.terminal.Fd())); err == nil && columns > 1 {
		if runes := []rune(text); len(runes) >= columns {
			text = string(runes[:columns-2]) + "…"
		}
	}
	fmt.Fprintf(p.terminal, "\r\x1b[K%s", text)
}

// clear takes the line away.
func (p *passing) clear() {
	if p.shown {
		p.shown = false
		fmt.Fprint(p.terminal, "\r\x1b[K")
	}
}

// progress tells how far a long migration is: on a terminal in passing, and what
// the database says it is doing also in the lines of a verbose run.
func (p *printer) progress(e fastmigrate.Progressed) {
	if p.quiet {
		return
	}
	if e.Activity != "" {
		p.note("%s: %s", e.File, e.Activity)
	}
	p.flush()
	p.passing.show(clean(e.File) + ": " + far(e))
}

// far says how far a migration is.
func far(e fastmigrate.Progressed) string {
	if e.Activity != "" {
		return e.Activity
	}
	text := count(e.Statements, "statement")
	if e.Total > 0 {
		text = fmt.Sprintf("%d %% of %.1f MB, %s", min(100, 100*e.Bytes/e.Total), float64(e.Total)/(1<<20), text)
	}
	return text
}
