package workload

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

func smalls(s Sizes) Workload {
	w := Workload{
		Name: "small", Title: "Many small migrations", Axis: "pending migrations",
		Text: "Each file makes a table and puts a row into it; SQLite, synchronous=FULL for all. The shell runs all of " +
			"them as one script in one transaction, and records nothing.",
	}
	for _, n := range s.Small {
		w.Make = append(w.Make, smallOf(n, "small", "rollback journal", "").make)
	}
	for _, n := range s.SmallWAL {
		w.Make = append(w.Make, smallOf(n, "small-wal", "WAL", "PRAGMA journal_mode = WAL;").make)
	}
	return w
}

func smallOf(n int, family, journal, start string) onSQLite {
	return onSQLite{
		name: fmt.Sprintf("%s-%d", family, n), title: fmt.Sprintf("%s small migrations, %s", count(n), journal),
		family: family, x: float64(n), texts: small(n), start: start,
		query: fmt.Sprintf("SELECT name FROM t%d", n), want: "a",
	}
}

func scripts(s Sizes) Workload {
	w := Workload{
		Name: "script", Title: "One large script", Axis: "megabytes",
		Text: "One migration of many INSERTs, a row each, as a dump has them; SQLite.",
	}
	for _, mb := range s.Script {
		w.Make = append(w.Make, func(ctx context.Context, b *Bench) (race.Case, error) {
			text, rows := inserts(mb * megabyte)
			return onSQLite{
				name: fmt.Sprintf("script-%d", mb), title: fmt.Sprintf("a script of %s MB, %s INSERTs", count(mb), count(rows)),
				family: "script", x: float64(mb), texts: []contender.Text{text},
				query: "SELECT count(*) FROM t", want: fmt.Sprint(rows),
			}.make(ctx, b)
		})
	}
	return w
}
