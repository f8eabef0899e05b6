package report

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
)

// Target is a number that we want to hold.
type Target struct {
	Text  string // as in "nothing to do, 1,000 files, against sqlite3"
	Want  string // as in "≤ 1.3"
	Got   string
	State string // held, missed, or not measured
}

// Targets says which of the numbers that we want were held.
func Targets(r *Report) []Target {
	const sqlite, peer = contender.SQLite3, ""
	var t []Target
	ratio := func(text, name, against string, most float64) {
		t = append(t, ratioTarget(r, text, name, against, most))
	}
	ratio("nothing to do, 1,000 files, of sqlite3's time", "nothing-1000", sqlite, 1.3)
	ratio("nothing to do, 9,999 files, of sqlite3's time", "nothing-9999", sqlite, 2.5)
	ratio("nothing to do, 1,000 files, of the fastest peer's time", "nothing-1000", peer, 1/1.5)
	ratio("nothing to do, 9,999 files, of the fastest peer's time", "nothing-9999", peer, 1/1.5)
	ratio("1,000 small migrations, rollback journal, of sqlite3's time", "small-1000", sqlite, 1.3)
	ratio("1,000 small migrations, WAL, of sqlite3's time", "small-wal-1000", sqlite, 1.3)
	ratio("1,000 small migrations, of the fastest peer's time", "small-1000", peer, 1.0/10)
	for _, mb := range []int{100, 1000} {
		name := fmt.Sprintf("script-%d", mb)
		ratio(fmt.Sprintf("script of %d MB, of sqlite3's time", mb), name, sqlite, 0.75)
		ratio(fmt.Sprintf("script of %d MB, of the fastest peer's time", mb), name, peer, 1/1.5)
		t = append(t, memoryTarget(r, fmt.Sprintf("script of %d MB, peak memory", mb), name, 32e6))
	}
	t = append(t, flatTarget(r))
	for _, h := range []string{"index", "rebuild", "update"} {
		for _, rows := range []int{1_000_000, 10_000_000} {
			name := fmt.Sprintf("heavy-%s-%d", h, rows)
			if rows == 1_000_000 || r.Result(name) != nil {
				ratio(fmt.Sprintf("%s, %d M rows, of sqlite3's time", h, rows/1_000_000), name, sqlite, 0.9)
			}
		}
	}
	t = append(t, insideTarget(r))
	ratio("PostgreSQL, 500 migrations locally, of psql -1's time", "postgresql-0ms", contender.Psql, 1)
	ratio("PostgreSQL, 500 migrations at 10 ms, of the fastest peer's time", "postgresql-10ms", peer, 0.25)
	for _, mb := range []int{10, 100} {
		name := fmt.Sprintf("postgresql-inserts-%d", mb)
		if mb == 100 || r.Result(name) != nil {
			ratio(fmt.Sprintf("PostgreSQL, %d MB of INSERTs, of psql's time", mb), name, contender.Psql, 1)
		}
	}
	ratio("PostgreSQL, 100 MB of COPY, of psql's time", "postgresql-copy-100", contender.Psql, 1)
	ratio("many databases, the library, of the fastest peer's time", "many", peer, 1/1.5)
	ratio("`version`, of an empty Go program's time", "startup", "an empty Go program", 2)
	return append(t, sizeTarget(r))
}
