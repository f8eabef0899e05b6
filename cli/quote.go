package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/fastmigrate/fastmigrate/migration"
)

const (
	lineHead   = 400 // characters of a line that are looked at for a statement
	lineAround = 400 // characters on both sides of the place that may be shown
	tabStop    = 4
)

// quote returns the lines of the script that an error is about, with a mark below
// the place. It is empty where the script is not as the error says, as it may
// have been changed meanwhile.
func (a *app) quote(o *ErrorObject) string {
	if a.source == nil || o.File == "" || o.Line == 0 || o.Column == 0 || o.Statement == "" {
		return ""
	}
	migrations, err := a.source.Migrations()
	if err != nil {
		return ""
	}
	for _, m := range migrations {
		for _, body := range []migration.Body{m.Up, m.Down} {
			if body == nil || body.File() != o.File {
				continue
			}
			if text := quoteOf(body, o, columnsOf(a.streams.Err)); text != "" {
				return text
			}
		}
	}
	return ""
}

// quoteOf is quote for one body, of which there may be two with one name.
func quoteOf(body migration.Body, o *ErrorObject, columns int) string {
	r, err := body.Open()
	if err != nil {
		return ""
	}
	defer r.Close()
	p, ok := findPlace(bufio.NewReader(r), o)
	if !ok {
		return ""
	}
	if columns == 0 {
		columns = 160
	}
	columns = max(columns-len(gutter(o.Line))-1, 20)
	var b strings.Builder
	if p.first > 0 {
		text, _ := fit(p.head, 0, columns)
		b.WriteString(gutter(p.first) + text + "\n")
		if p.first+1 < o.Line {
			b.WriteString(strings.Repeat(" ", len(gutter(0))-3) + "…\n")
		}
	}
	text, before := fit(p.line, p.at, columns)
	b.WriteString(gutter(o.Line) + text + "\n")
	b.WriteString(strings.Repeat(" ", len(gutter(o.Line))-2) + "| " + strings.Repeat(" ", before) + "^")
	return b.String()
}

func gutter(line int) string { return fmt.Sprintf("%5d | ", line) }

// spot is where in a script an error is.
type spot struct {
	first int    // the line that the statement begins with, if it is another
	head  []rune // how that begins
	line  []rune // the line at fault, or what of it is near the place
	at    int    // the index of the place in it
}

// findPlace reads a script up to the place that an error names. It says false
// where the statement is not there.
func findPlace(r *bufio.Reader, o *ErrorObject) (p spot, ok bool) {
	first, fault, several := strings.Cut(o.Statement, "\n")
	if !several {
		fault = first
	}
	for n := 1; n <= o.Line; n++ {
		text, window, err := readLine(r, o.Column-1)
		if n == o.Line {
			from := max(0, o.Column-1-lineAround)
			p.line, p.at = window, o.Column-1-from
			return p, p.at <= len(p.line) && (says(text, fault) || says(window, fault)) && (!several || p.first > 0)
		}
		if err != nil {
			return p, false
		}
		if several && says(text, first) {
			p.first, p.head = n, text
		}
	}
	return p, false
}

// says tells whether a line has a text in it that may be cut short.
func says(line []rune, text string) bool {
	return strings.Contains(string(line), strings.TrimSuffix(text, "…"))
}

// readLine reads a line, of which it returns the beginning, and what is near the
// index at.
func readLine(r *bufio.Reader, at int) (head, window []rune, err error) {
	for i := 0; ; i++ {
		c, _, err := r.ReadRune()
		switch {
		case err != nil:
			return head, window, err
		case c == '\ufeff' && i == 0:
			i--
			continue
		case c == '\r':
			if next, _, err := r.ReadRune(); err == nil && next != '\n' {
				_ = r.UnreadRune() // just read
			}
			return head, window, nil
		case c == '\n':
			return head, window, nil
		}
		if len(head) < lineHead {
			head = append(head, c)
		}
		if i >= at-lineAround && i < at+lineAround {
			window = append(window, c)
		}
	}
}

// fit returns a line as it is shown, with tabs as blanks, in at most so many
// columns, and how many of them stand before the index at.
func fit(line []rune, at, columns int) (text string, before int) {
	type cell struct {
		text  string
		width int
	}
	var cells []cell
	column := 0
	for _, c := range line {
		next := cell{clean(string(c)), runewidth.RuneWidth(c)}
		if c == '\t' {
			next.width = tabStop - column%tabStop
			next.text = strings.Repeat(" ", next.width)
		} else if c < ' ' {
			next.width = 1
		}
		cells = append(cells, next)
		column += next.width
	}
	sum := func(cells []cell) (columns int) {
		for _, c := range cells {
			columns += c.width
		}
		return columns
	}
	begin, end := 0, len(cells)
	at = min(at, end)
	if column > columns {
		for sum(cells[begin:at]) > columns*2/3 {
			begin++
		}
		for end > at && sum(cells[begin:end]) > columns-2 {
			end--
		}
	}
	before = sum(cells[begin:at])
	var b strings.Builder
	if begin > 0 {
		b.WriteString("…")
		before++
	}
	for _, c := range cells[begin:end] {
		b.WriteString(c.text)
	}
	if end < len(cells) {
		b.WriteString("…")
	}
	return b.String(), before
}

// columnsOf returns how many columns a terminal has, or 0 where it is none.
func columnsOf(w io.Writer) int {
	f, ok := terminalOf(w)
	if !ok {
		return 0
	}
	columns, _ := dimensionsOf(f)
	return columns
}
