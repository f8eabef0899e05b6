package cli

import (
	"strings"
	"testing"
	"time"
)

// TestTaskLine shows what is left of the line as the terminal gets narrower: it
// never takes more columns than there are.
func TestTaskLine(t *testing.T) {
	now := time.Now()
	long := task{
		number: 3, of: 12, what: "0003-fill-the-notes.sql", total: 12 << 20, done: 5 << 20, statements: 41, all: 100,
		began: now.Add(-72 * time.Second), moved: now.Add(-8 * time.Second),
	}
	moving := long
	moving.moved = now
	index := task{what: "0001-索引.sql", activity: "index i: building index 40 %", began: now, moved: now}
	for _, tt := range []struct {
		task    task
		columns int
		want    string
	}{
		{long, 100, "| 3/12 0003-fill-the-notes.sql  41 % of 12.0 MB  statement 42 of 100  for 0:08  1:12"},
		{long, 79, "| 3/12 0003-fill-the-notes.sql  41 % of 12.0 MB  statement 42 of 100  1:12"},
		{long, 60, "| 3/12 0003-fill-the-notes.sql  41 % of 12.0 MB  1:12"},
		{long, 39, "| 3/12 0003-fill-the…es.sql  41 %  1:12"},
		{long, 10, "| 3/12 000"},
		{long, 0, ""},
		{moving, 100, "| 3/12 0003-fill-the-notes.sql  41 % of 12.0 MB  statement 42 of 100  ######----------  1:12"},
		{index, 79, "| 0001-索引.sql  index i: building index 40 %  0:00"},
		{index, 39, "| 0001-索引.sql  0:00"},
		{index, 16, "| 0001-…ql  0:00"},
		{task{what: "a\x1b[31m\u009b.sql", began: now, moved: now}, 79, "| a?[31m?.sql  0:00"},
	} {
		if got := tt.task.line(tt.columns, 0, false, now); got != tt.want {
			t.Errorf("line(%d) = %q, want %q", tt.columns, got, tt.want)
		}
	}
	for columns := range 120 {
		for _, task := range []task{long, moving, index} {
			if got := task.line(columns, 3, true, now); width(got) > columns || strings.Contains(got, "\n") {
				t.Errorf("line(%d) = %q takes %d columns", columns, got, width(got))
			}
		}
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0:00", 59999 * time.Millisecond: "0:59", 61 * time.Second: "1:01", 90 * time.Minute: "1:30:00"} {
		if got := clock(d); got != want {
			t.Errorf("clock(%v) = %q, want %q", d, got, want)
		}
	}
}
