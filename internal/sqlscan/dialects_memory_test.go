package sqlscan

import (
	"io"
	"runtime"
	"strings"
	"testing"
)

// TestDialectMemory is TestMemory for what only the dialects on a server have:
// comments, and data, of any size need no more than the buffer.
func TestDialectMemory(t *testing.T) {
	const size, limit = 16 << 20 / slower, 256 << 10
	around := func(before, piece, after string) io.Reader {
		return io.MultiReader(strings.NewReader(before), repeat(piece, size/len(piece)), strings.NewReader(after))
	}
	tests := []struct {
		name       string
		dialect    Dialect
		script     io.Reader
		statements int
	}{
		{"statements", PostgreSQL, repeat("INSERT INTO t VALUES (1, 'a;', $$;$$, E'\\'');\n", size/40), size / 40},
		{"nested comment", PostgreSQL, around("/*", "/* ; */ * / '", "*/ a;"), 1},
		{"restrict", PostgreSQL, around("\\restrict ", "x'", "\na;"), 1},
		{"one line of data", PostgreSQL, around("COPY t FROM stdin;\n", "a\tb;'\\.", "\n\\.\na;"), 2},
		{"data", PostgreSQL, around("COPY t FROM stdin;\n", "\\N\tb;\n\n", "\\.\na;"), 2},
		{"comment behind COPY", PostgreSQL, around("COPY t FROM stdin; --", "x'", "\n\\.\na;"), 2},
		{"statements", MySQL, repeat("INSERT INTO t VALUES (1, 'a;', \"\\\"\", `;`);\n", size/40), size / 40},
		{"comment", MySQL, around("/*", "/* ; * / '", "*/ a;"), 1},
		{"line comment", MySQL, around("#", "/* ; * / '", "\n a;"), 1},
		{"comment never executed", MySQL, around("/*!999999", "/* ; */ '", "*/ a;"), 1},
		{"another delimiter", MySQL, around("DELIMITER //\n", "a; b // /* // */\n", ""), size / 17},
		{"bodies", MySQL, repeat("CREATE PROCEDURE p() BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END;\n", size/60), size / 60},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s, statements := New(test.script, test.dialect), 0
			for s.Scan() {
				statements++
				if r := s.Data(); r != nil {
					_, _ = io.CopyBuffer(io.Discard, struct{ io.Reader }{r}, make([]byte, 1024))
				}
			}
			runtime.ReadMemStats(&after)
			if statements != test.statements {
				t.Errorf("%d statements, error %v", statements, s.Err())
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > limit {
				t.Errorf("allocates %d bytes", used)
			}
		})
	}
}
