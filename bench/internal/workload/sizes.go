package workload

import "time"

// Sizes says how large the workloads are.
type Sizes struct {
	Nothing     []int           // files, with nothing to do
	Small       []int           // small migrations, with a rollback journal
	SmallWAL    []int           // the same, with a write-ahead log
	Script      []int           // megabytes of INSERTs in one script
	Rows        []int           // of the table that is indexed, rebuilt, updated
	Postgres    int             // migrations on PostgreSQL
	MariaDB     int             // the same on MariaDB
	Latencies   []time.Duration // round trips put before them; 0 is none
	ServerMB    int             // megabytes of INSERTs in one script, on servers
	CopyMB      int             // megabytes of COPY data in one script
	Databases   int             // SQLite files
	PerDatabase int             // migrations in each of them
	Embedded    []int           // migrations embedded in a program
}

const ms = time.Millisecond

// Quick takes a few minutes.
func Quick() Sizes {
	return Sizes{
		Nothing: []int{100, 1000, 9999}, Small: []int{100, 1000, 9999}, SmallWAL: []int{1000},
		Script: []int{4, 16, 100}, Rows: []int{1_000_000},
		Postgres: 500, MariaDB: 100, Latencies: []time.Duration{0, 1 * ms, 10 * ms}, ServerMB: 10, CopyMB: 100,
		Databases: 200, PerDatabase: 10, Embedded: []int{100, 1000, 9999},
	}
}

// Full is all that is asked for; it takes hours, and some 10 GB of disk.
func Full() Sizes {
	s := Quick()
	s.Small = []int{100, 300, 1000, 3000, 9999}
	s.SmallWAL = []int{1000, 9999}
	s.Script = []int{1, 4, 16, 100, 400, 1000}
	s.Rows = []int{1_000_000, 10_000_000}
	s.Latencies = append(s.Latencies, 50*ms)
	s.MariaDB, s.ServerMB, s.Databases = 500, 100, 2000
	return s
}

// Tiny is for the tests of the suite: it takes seconds, and says nothing.
func Tiny() Sizes {
	return Sizes{
		Nothing: []int{3}, Small: []int{3}, SmallWAL: []int{3}, Script: []int{0}, Rows: []int{100},
		Postgres: 3, MariaDB: 3, Latencies: []time.Duration{0, 1 * ms}, ServerMB: 0, CopyMB: 0,
		Databases: 3, PerDatabase: 2, Embedded: []int{3},
	}
}
