package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
)

// How a picture is drawn on the terminal's second screen, which leaves the first
// one as it was.
const (
	pictureBegin = "\x1b[?1049h\x1b[?7l"
	pictureTop   = "\x1b[H\x1b[K"
	pictureLine  = "\r\n\x1b[K"
	pictureRest  = "\x1b[J"
	pictureEnd   = "\x1b[?7h\x1b[?1049l"
)

// errStoppedWatching ends status --watch. It is no failure, and is not printed.
var errStoppedWatching = errors.New("stopped watching")

// watchStatus looks again and again. What can't be read at first ends it; after
// that it is told and looked at once more, for the other process may be in the
// middle of something.
func (a *app) watchStatus(ctx context.Context, f statusFlags) (outcome, error) {
	v, err := a.status(ctx, f)
	if !v.known() {
		return v, err
	}
	w := a.newWatching()
	defer w.end()
	defer context.AfterFunc(ctx, w.end)()
	tick := time.NewTicker(f.interval)
	defer tick.Stop()
	for {
		v.Database, v.Folder = a.settings.shown(), a.settings.folder
		w.show(v, err)
		if f.untilDone && v.Pending == 0 && err == nil {
			return w.last(v), nil
		}
		select {
		case <-ctx.Done():
			return w.last(v), errStoppedWatching
		case <-tick.C:
		}
		next, now := a.status(ctx, f)
		if ctx.Err() != nil {
			return w.last(v), errStoppedWatching
		}
		if err = now; next.known() {
			v = next
		}
		if errors.Is(err, errPending) {
			err = nil
		}
	}
}

// watching shows one status after the other.
type watching struct {
	*printer
	picture bool // it draws; else it writes lines
	silent  bool
	told    map[int64]string // what was said of each version
	place   string           // where the database stood
	trouble string           // the last error that was told
	mu      sync.Mutex
	over    bool
}

func (a *app) newWatching() *watching {
	w := &watching{printer: a.printer, picture: a.colourful && !a.json, silent: a.json}
	if w.picture {
		a.flush()
		_, _ = io.WriteString(a.screen, pictureBegin)
	}
	return w
}

// end leaves the terminal as it was.
func (w *watching) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.picture && !w.over {
		_, _ = io.WriteString(w.screen, pictureEnd)
	}
	w.over = true
}

// last returns what is printed in the end.
func (w *watching) last(v *statusView) outcome {
	v.brief = !w.picture
	return v
}

func (w *watching) show(v *statusView, err error) {
	switch {
	case w.silent:
	case w.picture:
		w.draw(v, err)
	default:
		w.tell(v, err)
	}
}

// tell writes a line for each migration that has changed.
func (w *watching) tell(v *statusView, err error) {
	now := time.Now().Format(time.DateTime)
	if err != nil && err.Error() != w.trouble {
		w.answer("%s  %v", now, err)
	}
	w.trouble = ""
	if err != nil {
		w.trouble = err.Error()
	}
	fresh := w.told == nil
	if fresh {
		w.told = make(map[int64]string)
		w.answer("%s", strings.Join(v.closing(), "\n"))
	} else if len(v.Migrations) == 0 && v.place() != w.place {
		w.answer("%s  %s", now, v.standing(v.Database))
	}
	w.place = v.place()
	for _, row := range v.Migrations {
		said := change(row)
		if !fresh && said != w.told[row.Version] {
			w.answer("%s  %s  %s", now, clean(first(row.File, row.Name)), said)
		}
		w.told[row.Version] = said
	}
	w.flush()
}

// change says how a migration stands now.
func change(row RowObject) string {
	said := row.State
	if done := row.done(); done != "" {
		said += ", " + done
	}
	if row.DurationMS != nil {
		said += " (" + span(time.Duration(*row.DurationMS)*time.Millisecond) + ")"
	}
	if row.Error != "" {
		said += ": " + row.Error
	}
	return said
}

// draw draws all of it, as far as there is room.
func (w *watching) draw(v *statusView, err error) {
	columns, lines := w.dimensions()
	below := append([]string{""}, v.closing()...)
	for _, f := range v.Findings {
		below = append(below, "warning: "+f.String())
	}
	if err != nil {
		below = append(below, "error: "+err.Error())
	}
	below = append(below, "", time.Now().Format(time.TimeOnly)+"  Ctrl-C ends this")
	var above []string
	if table := v.table(columns, w.colourful); table != "" {
		above = v.window(strings.Split(table, "\n"), lines-len(below))
	}
	var b strings.Builder
	b.WriteString(pictureTop)
	all := append(above, below...)
	for i, line := range all[:min(len(all), max(lines, 1))] {
		if i > 0 {
			b.WriteString(pictureLine)
		}
		if i >= len(above) {
			line = runewidth.Truncate(line, max(columns, 8), "…")
		}
		b.WriteString(line)
	}
	b.WriteString(pictureRest)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over {
		_, _ = io.WriteString(w.screen, b.String())
	}
}

// window returns the head of a table and those of its rows that there is room
// for: around the first that is not applied.
func (o *statusView) window(table []string, room int) []string {
	if len(table) <= room {
		return table
	}
	room = max(room-2, 1)
	if len(table) != len(o.Migrations)+1 { // along a graph: the last of it
		return table[len(table)-room:]
	}
	at := 0
	for at < len(o.Migrations) && o.Migrations[at].AppliedAt != nil {
		at++
	}
	begin := min(max(at-room*2/3, 0), max(len(o.Migrations)-room, 0))
	end := min(begin+room, len(o.Migrations))
	hidden := fmt.Sprintf("… %d more", len(o.Migrations)-(end-begin))
	return append(append([]string{table[0]}, table[1+begin:1+end]...), hidden)
}
