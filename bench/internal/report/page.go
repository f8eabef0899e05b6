package report

import (
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// Page writes the page of results. The pictures are the names of the charts of
// each workload, below the folder that the page refers to.
func Page(r *Report, folder string, pictures map[string][]string) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# Benchmarks\n")
	say("This page was written by the suite in [`bench/`](../bench/README.md); don't edit it. The")
	say("times of every run are in [`%s/results.json`](%s/results.json). What counts is the ratios: contenders take turns, so", folder, folder)
	say("what else the machine does hits all of them alike.\n")
	say("%s", words(table([]string{"run", ""}, facts(r))))
	if m := r.Machine; m.Load > float64(m.Cores)/2 {
		say("**The machine was busy with other things (a load of %.1f on %d cores): the times are worth little, and the ratios", m.Load, m.Cores)
		say("less than on a quiet one. Look at the processor times.**\n")
	}
	say("To repeat it: `make bench` (about a quarter of an hour), or `make bench-full` (all sizes; hours, and some 10 GB of disk).")
	say("`make bench ONLY=small,script` measures some workloads, and prints them; with `ADD=1` they take their place here.\n")
	say("## In short\n\n%s", Short(r.Results))
	say("“The shell” is the limit: the database's own shell doing the same work as one script in one transaction, keeping no")
	say("record of it. The times are medians; ratios are medians of the rounds' ratios, with the lowest and the highest.\n")
	say("## The numbers that we want\n")
	var rows [][]string
	for _, t := range Targets(r) {
		rows = append(rows, []string{t.Text, t.Want, t.Got, t.State})
	}
	say("%s", table([]string{"number", "wanted", "measured", ""}, rows))
	say("What was done for them, and why those that are missed are missed: [PERFORMANCE.md](PERFORMANCE.md).\n")
	for _, w := range r.Workloads {
		results := r.Of(w)
		if len(results) == 0 {
			continue
		}
		say("## %s\n\n%s\n", w.Title, w.Text)
		for _, picture := range pictures[w.Name] {
			say("![%s](%s/%s)\n", w.Title, folder, picture)
		}
		for _, c := range results {
			say("### %s\n\n%s", c.Title, Case(c))
		}
	}
	say("## Who took part, and how\n")
	method(say, r)
	return b.String()
}

// facts returns where and when the suite ran.
func facts(r *Report) [][]string {
	m := r.Machine
	rows := [][]string{
		{"date", fmt.Sprintf("%s, %s profile, took %.0f minutes", r.Date.Format("2006-01-02 15:04 MST"), r.Profile, r.Took/60)},
		{"machine", fmt.Sprintf("%s, %d cores, %s of memory, %s", m.CPU, m.Cores, m.Memory, m.System)},
		{"disk", fmt.Sprintf("%s; 4 KB synced in %s", m.Disk, seconds(m.Sync))},
		{"load before the run", fmt.Sprintf("%.2f", m.Load)},
		{"Go", m.Compiler},
	}
	for _, e := range r.Earlier {
		rows = append(rows, []string{"from an earlier run", fmt.Sprintf("%s: of %s, %s profile, fastmigrate %s, load %.2f",
			strings.Join(e.Cases, ", "), e.Date.Format("2006-01-02 15:04 MST"), e.Profile, e.Program, e.Load)})
	}
	var versions, sizes []string
	for _, v := range r.Versions {
		versions = append(versions, v.Name+" "+v.Version)
	}
	for _, s := range r.Sizes {
		sizes = append(sizes, s.Name+" "+megabytes(s.Bytes))
	}
	return append(rows, []string{"versions", strings.Join(versions, ", ")}, []string{"size of the programs", strings.Join(sizes, ", ")})
}

// method says what each contender did, and what is counted.
func method(say func(string, ...any), r *Report) {
	say("Each run is a whole process on a fresh state: a new file or a new database. Wall time is taken around it; processor")
	say("time and peak memory are the kernel's (`wait4`), for the process and those that it waited for; a small program starts")
	say("it, for a process inherits the peak memory of whoever starts it. Peak memory can't be less than that program's, some")
	say("2 MB. After the first run of each contender the suite looks whether the work was done.\n")
	say("There are up to %d rounds. A contender that took more than %.0f s in the first is not run again, nor is one that took", r.Rounds, r.Slow)
	say("more than %.0f s and five times as long as the fastest; one that takes more than %.0f s is ended, is “over %.0f s”, and is", r.Behind, r.Limit, r.Limit)
	say("not run where there is more of the same to do.\n")
	say("All use SQLite with `synchronous=FULL`, and all programs of one engine are built from the same version of it, with")
	say("the same compiler flags. Peers are used as their documentation says: libraries in programs of a few lines, which are")
	say("in `bench/peers`, so that each is a whole process as its user would have it.\n")
	var rows [][]string
	for _, e := range r.Entrants {
		rows = append(rows, []string{e.Name, e.On, kinds[e.Kind], e.How})
	}
	say("%s", words(table([]string{"contender", "on", "is", "does"}, rows)))
	if len(r.Absent) == 0 {
		return
	}
	say("Absent in this run:\n")
	for _, a := range r.Absent {
		say("- %s (%s): %s", a.Name, a.On, a.Why)
	}
}

// words makes a table of numbers into one of words, which stand to the left.
func words(table string) string { return strings.ReplaceAll(table, "---:", "---") }

var kinds = map[race.Kind]string{race.Ours: "ours", race.Peer: "a peer", race.Limit: "the limit"}
