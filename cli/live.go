package cli

import (
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

const (
	liveEvery = 100 * time.Millisecond // between two drawings of the line
	liveAfter = 300 * time.Millisecond // what is done sooner is not worth a line
	haltAfter = time.Second            // what stops sooner need not be told that it does
)

// How the line is drawn. The text is written from the first column, and the
// cursor goes back there: a terminal that is made narrower folds the line, and
// what is to be cleared still begins at the cursor. While it is written the
// terminal must not wrap it.
const (
	lineBegin = "\r\x1b[J\x1b[?7l"
	lineEnd   = "\x1b[?7h\r"
	lineStay  = "\x1b[?7h" // with the cursor behind the text, for who writes there
	lineClear = "\r\x1b[J"
)

// live is the line at the foot of the terminal that tells what is being done.
// It moves by itself, for the database may be silent for long, and is gone
// before anything else is written. The cursor is never hidden, so that nothing
// has to be restored, however the process ends.
//
// Where there is no terminal, or a plain one, all of it does nothing.
type live struct {
	mu       sync.Mutex
	terminal *os.File // nil where there is none to draw on
	unicode  bool     // it has more than ASCII
	task     *task    // what is being done; nil for nothing
	shown    bool     // the line is on the screen
	open     bool     // somebody else's line is unfinished, and must stay
	frame    int
	halted   time.Time     // when the process was told to stop
	ended    chan struct{} // closed to end the movement; nil where there is none
}

// newLive returns the line of a terminal that can draw it.
func newLive(w io.Writer, getenv func(string) string) *live {
	f, _ := w.(*os.File)
	return &live{terminal: f, unicode: hasUnicode(getenv)}
}

// hasUnicode says whether the locale is one with UTF-8.
func hasUnicode(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToLower(getenv(name)); value != "" {
			return strings.Contains(value, "utf-8") || strings.Contains(value, "utf8")
		}
	}
	return false
}

// begin says what is being done from now on.
func (l *live) begin(t task) {
	if l.terminal == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t.began = time.Now()
	t.moved = t.began
	l.task = &t
	if t.still {
		l.draw()
	}
	if l.ended == nil {
		l.ended = make(chan struct{})
		go l.move(l.ended)
	}
}

// change tells more of what is being done; f gets the task, unless there is
// none.
func (l *live) change(f func(t *task)) {
	if l.terminal == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.task != nil {
		f(l.task)
		l.task.moved = time.Now()
	}
}

// end says that it is done.
func (l *live) end() {
	l.aside(func() { l.task = nil })
}

// aside takes the line away and writes something else, after which the line may
// come back below.
func (l *live) aside(write func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clear()
	write()
}

// close ends all of it.
func (l *live) close() {
	l.end()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended != nil {
		close(l.ended)
		l.ended = nil
	}
	l.terminal = nil
}

// watch lets the line tell that the process is about to stop, once the context
// is cancelled, until the function that it returns is called.
func (l *live) watch(ctx context.Context) (stop func()) {
	forget := context.AfterFunc(ctx, l.halt)
	return func() { forget() }
}

// halt takes the line away for good: a second signal ends the process at once,
// and must leave nothing of it on the screen.
func (l *live) halt() {
	l.aside(func() {
		if l.task != nil {
			l.halted = time.Now()
		}
	})
}

// move draws the line again and again.
func (l *live) move(ended <-chan struct{}) {
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
		}
		l.mu.Lock()
		l.turn()
		l.mu.Unlock()
	}
}

// turn draws the next picture, where there is one.
func (l *live) turn() {
	switch {
	case l.task == nil, l.task.still, l.open, l.terminal == nil:
	case !l.halted.IsZero():
		if !l.task.told && time.Since(l.halted) > haltAfter {
			l.task.told = true
			_, _ = io.WriteString(l.terminal, "stopping, and taking back what is not done; a second Ctrl-C does not wait for that\n")
		}
	case time.Since(l.task.began) >= liveAfter:
		l.frame++
		l.draw()
	}
}

// draw writes the line, cut to what fits, unless somebody else has the terminal
// by now: the shell, when we were put into the background.
func (l *live) draw() {
	if !inForeground(l.terminal) {
		l.shown = false
		return
	}
	columns, _, err := term.GetSize(int(l.terminal.Fd()))
	if err != nil || columns <= 0 {
		columns = 80
	}
	end := lineEnd
	if l.task.still {
		end = lineStay
	}
	_, _ = io.WriteString(l.terminal, lineBegin+l.task.line(columns-1, l.frame, l.unicode, time.Now())+end)
	l.shown = true
}

// clear takes the line away.
func (l *live) clear() {
	if l.shown {
		l.shown = false
		_, _ = io.WriteString(l.terminal, lineClear)
	}
}
