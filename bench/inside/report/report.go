// Package report measures one call within a program, and prints what the suite
// reads: nanoseconds, allocations and bytes a call.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// Main calls f again and again, for about a second, and prints what one call
// took.
func Main(f func() error) {
	failed := f()
	if failed == nil {
		r := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := f(); err != nil {
					failed = err
				}
			}
		})
		failed = json.NewEncoder(os.Stdout).Encode(race.Inside{
			Nanoseconds: r.NsPerOp(), Allocs: r.AllocsPerOp(), Bytes: r.AllocedBytesPerOp(),
		})
	}
	if failed != nil {
		fmt.Fprintln(os.Stderr, failed)
		os.Exit(1)
	}
}
