package sqlscan

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// BenchmarkScan scans the kind of script that dumps consist of, with the
// checksum, as each of the two passes over a migration does.
func BenchmarkScan(b *testing.B) { benchmark(b, SQLite) }

// BenchmarkPostgreSQL is BenchmarkScan by PostgreSQL's rules.
func BenchmarkPostgreSQL(b *testing.B) { benchmark(b, PostgreSQL) }

// BenchmarkMySQL is BenchmarkScan by MySQL's rules.
func BenchmarkMySQL(b *testing.B) { benchmark(b, MySQL) }

func benchmark(b *testing.B, d Dialect) {
	line := "INSERT INTO t(id,a,b,n) VALUES(1,'xxxx','it''s; y',5);\n"
	script := bytes.Repeat([]byte(line), 8<<20/len(line))
	b.SetBytes(int64(len(script)))
	b.ReportAllocs()
	for b.Loop() {
		s := New(bytes.NewReader(script), d)
		for s.Scan() {
		}
		if s.Err() != nil {
			b.Fatal(s.Err())
		}
		s.Sum()
	}
}

// BenchmarkCopy reads the data of COPY, with the checksum.
func BenchmarkCopy(b *testing.B) {
	row := "1\txxxx\tit's; y\t5\n"
	script := []byte("COPY t FROM stdin;\n" + strings.Repeat(row, 8<<20/len(row)) + "\\.\n")
	b.SetBytes(int64(len(script)))
	b.ReportAllocs()
	for b.Loop() {
		s := New(bytes.NewReader(script), PostgreSQL)
		for s.Scan() {
			if _, err := io.Copy(io.Discard, s.Data()); err != nil {
				b.Fatal(err)
			}
		}
		s.Sum()
	}
}
