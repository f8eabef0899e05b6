package sqlscan

import (
	"io"
	"runtime"
	"strings"
	"testing"
)

// repeat yields a piece of text so many times.
func repeat(piece string, times int) io.Reader {
	return &repeater{piece: piece, times: times}
}

type repeater struct {
	piece, rest string
	times       int
}

func (r *repeater) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if r.rest == "" {
			if r.times == 0 {
				return n, io.EOF
			}
			r.rest = r.piece
			r.times--
		}
		copied := copy(p[n:], r.rest)
		n, r.rest = n+copied, r.rest[copied:]
	}
	return n, nil
}

// TestMemory holds that a script of any size needs no more memory than its
// largest statement: the bound is on all that is ever allocated.
func TestMemory(t *testing.T) {
	const size, less = 64 << 20 / slower, 8 << 20 / slower
	line := "INSERT INTO t(id,a,b,n) VALUES(1,'xxxx','it''s; y',5); -- é\r\n"
	trigger := "CREATE TRIGGER t INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 'END;'; END;\n"
	tests := []struct {
		name       string
		script     io.Reader
		statements int
		limit      uint64
	}{
		{"statements", repeat(line, size/len(line)), size / len(line), 256 << 10},
		{"one line", repeat("SELECT 1;", less/9), less / 9, 256 << 10},
		{"triggers", repeat(trigger, less/len(trigger)), less / len(trigger), 256 << 10},
		{"empty statements", repeat(";;\n", less/3), 0, 256 << 10},
		{"blanks", repeat("\n\t ", less/3), 0, 256 << 10},
		{"line comment", io.MultiReader(strings.NewReader("--"), repeat("it's; ", less/6)), 0, 256 << 10},
		{"block comment", io.MultiReader(strings.NewReader("/*"), repeat("* it's; /", less/9)), 0, 256 << 10},
		{"statements of 1 MiB", repeat("SELECT '"+strings.Repeat("x", 1<<20)+"';\n", size>>20), size >> 20, 8<<20 + 256<<10},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s, statements := New(test.script, SQLite), 0
			for s.Scan() {
				statements++
			}
			s.Sum()
			runtime.ReadMemStats(&after)
			if s.Err() != nil || statements != test.statements {
				t.Errorf("%d statements, error %v", statements, s.Err())
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > test.limit || len(s.in.buf) > int(test.limit)/2 {
				t.Errorf("allocates %d bytes, of them %d for the last buffer", used, len(s.in.buf))
			}
		})
	}
}

// TestSmallScript holds that a small script does not cost the memory of a large
// one, as there may be thousands of them.
func TestSmallScript(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for s := New(strings.NewReader("SELECT 1; SELECT 2;"), SQLite); s.Scan(); {
		s.Sum()
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<10 {
		t.Errorf("allocates %d bytes", used)
	}
}

// TestResetMemory holds that a Scanner used again needs nearly nothing for a
// small script, and does not keep what a large one needed.
func TestResetMemory(t *testing.T) {
	s := New(repeat("SELECT '"+strings.Repeat("x", 3<<20)+"';\n", 2), SQLite)
	for s.Scan() {
	}
	if len(s.in.buf) <= maxKept {
		t.Fatalf("the buffer has only %d bytes", len(s.in.buf))
	}
	s.Reset(strings.NewReader(""))
	if len(s.in.buf) != bufferSize {
		t.Errorf("keeps %d bytes", len(s.in.buf))
	}
	r := strings.NewReader("")
	allocations := testing.AllocsPerRun(10, func() {
		r.Reset("SELECT 1; SELECT 2;")
		s.Reset(r)
		for s.Scan() {
		}
	})
	if allocations > 5 {
		t.Errorf("allocates %v times", allocations)
	}
}
