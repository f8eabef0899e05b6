package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
)

// task is one thing that is being done and takes its time: a migration, a
// backup. What is not known is left out.
type task struct {
	number, of int    // it is one of several
	what       string // a file, or a few words
	still      bool   // an outside program has the terminal: the line is drawn once
	done       int64  // of total bytes
	total      int64
	statements int // that are done
	all        int // statements that there are
	activity   string

	began time.Time // set by live
	moved time.Time // when something was told of it
	told  bool      // that it is being stopped
}

const (
	stuckAfter = 3 * time.Second // one statement takes that long before it is told how long
	longText   = 64 << 10        // from so many bytes on it is told how many are done
)

// line returns what is told of the task, in at most so many columns: what it
// is, and of the rest as much as there is room for.
func (t *task) line(columns, frame int, unicode bool, now time.Time) string {
	head := spinner(frame, unicode) + " "
	if t.still {
		head = ""
	}
	if t.of > 1 {
		head += fmt.Sprintf("%d/%d ", t.number, t.of)
	}
	what := clean(t.what)
	last := "  " + clock(now.Sub(t.began))
	if t.still {
		last = " runs since " + t.began.Format("15:04:05") + "  "
	}
	room := columns - width(head) - width(last)
	if room < 8 {
		return runewidth.Truncate(head+what, max(columns, 0), "")
	}
	parts := t.parts(unicode, now)
	names := room
	if len(parts) > 0 { // the name gives way to the most telling of them
		if w := room - width(parts[0][len(parts[0])-1]) - 2; w >= 10 {
			names = w
		}
	}
	what = middle(what, names)
	room -= width(what)
	var rest strings.Builder
	for _, forms := range parts {
		for _, part := range forms {
			if w := width(part) + 2; w <= room {
				room -= w
				rest.WriteString("  " + part)
				break
			}
		}
	}
	return head + what + rest.String() + last
}

// parts returns what is told of the task beside its name, the most telling
// first, each in a long form and perhaps in a short one.
func (t *task) parts(unicode bool, now time.Time) [][]string {
	var parts [][]string
	if t.activity != "" {
		parts = append(parts, []string{clean(t.activity)})
	}
	measured := t.total >= longText && t.done > 0
	if measured {
		percent := fmt.Sprintf("%d %%", min(100, 100*t.done/t.total))
		parts = append(parts, []string{percent + " of " + size(t.total), percent})
	}
	if t.all > 1 {
		at := fmt.Sprintf("%d of %d", min(t.statements+1, t.all), t.all)
		parts = append(parts, []string{"statement " + at, at})
	}
	quiet := now.Sub(t.moved)
	if t.activity == "" && quiet > stuckAfter && now.Sub(t.began) > quiet+stuckAfter {
		parts = append(parts, []string{"for " + clock(quiet)})
	} else if measured {
		parts = append(parts, []string{bar(t.done, t.total, unicode)})
	}
	return parts
}

// spinner returns the sign of life.
func spinner(frame int, unicode bool) string {
	signs := []rune(`|/-\`)
	if unicode {
		signs = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	}
	return string(signs[frame%len(signs)])
}

// bar draws how much is done.
func bar(done, total int64, unicode bool) string {
	const cells = 16
	full, empty := "#", "-"
	if unicode {
		full, empty = "━", "╌"
	}
	n := int(min(cells, cells*done/total))
	return strings.Repeat(full, n) + strings.Repeat(empty, cells-n)
}

// clock returns a duration as a clock shows it, such as 0:07 or 1:02:03.
func clock(d time.Duration) string {
	s := int(d.Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// width returns how many columns of a terminal a text takes.
func width(text string) int {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return runewidth.StringWidth(text)
		}
	}
	return len(text) // as most are; to look them up takes a microsecond each
}

// middle returns a text in at most so many columns, without its middle where it
// is longer: a file's number and its ending tell the most.
func middle(text string, columns int) string {
	if width(text) <= columns {
		return text
	}
	tail := columns / 3
	end := runewidth.TruncateLeft(text, width(text)-tail, "")
	return runewidth.Truncate(text, columns-1-width(end), "") + "…" + end
}

// clean keeps control characters of a file's name from the terminal.
func clean(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, name)
}
