package sqlscan

import (
	"bytes"
	"testing"
)

// BenchmarkScan scans the kind of script that dumps consist of, with the
// checksum, as each of the two passes over a migration does.
func BenchmarkScan(b *testing.B) {
	line := "INSERT INTO t(id,a,b,n) VALUES(1,'xxxx','it''s; y',5);\n"
	script := bytes.Repeat([]byte(line), 8<<20/len(line))
	b.SetBytes(int64(len(script)))
	b.ReportAllocs()
	for b.Loop() {
		s := New(bytes.NewReader(script), SQLite)
		for s.Scan() {
		}
		if s.Err() != nil {
			b.Fatal(s.Err())
		}
		s.Sum()
	}
}
