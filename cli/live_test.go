package cli

import (
	"io"
	"os"
	"testing"
	"time"
)

// TestLiveTellsThatItStops shows what is written while a run that was interrupted
// takes long to undo what it did: one line, which stays, and nothing that a
// process that ends at once would leave behind.
func TestLiveTellsThatItStops(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	l := newLive(w, func(string) string { return "" })
	l.task = &task{what: "0001-a.sql", began: time.Now().Add(-time.Minute), moved: time.Now()}
	l.turn()
	l.halt()
	l.turn() // too early
	l.halted = time.Now().Add(-time.Minute)
	l.turn()
	l.turn()
	l.close()
	l.turn()
	w.Close()
	got, err := io.ReadAll(r)
	want := lineBegin + `/ 0001-a.sql  1:00` + lineEnd + lineClear +
		"stopping, and taking back what is not done; a second Ctrl-C does not wait for that\n"
	if string(got) != want || err != nil {
		t.Errorf("it wrote\n%q, want\n%q, error %v", got, want, err)
	}
}
