package sqlscan

import (
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// inputs overrides how many scripts TestDifferential makes:
//
//	go test ./internal/sqlscan -run TestDifferential -timeout 0 -args -inputs 10000000
//
// The environment variable FASTMIGRATE_FUZZ_INPUTS does the same.
var inputs = flag.Int("inputs", 0, "number of scripts that TestDifferential makes")

// usualInputs fit into the time that a test may take every time.
const usualInputs = 30_000

// TestCorpus holds that the scanner and the engine agree on the scripts as they
// are, all of whose statements the engine accepts.
func TestCorpus(t *testing.T) {
	scripts := corpus(t)
	e := newEngine(t, scripts)
	for _, script := range scripts {
		accepted, problem := e.disagreement(script)
		if problem != "" {
			t.Errorf("%s\nin %.60q", problem, script)
		}
		s, all := New(strings.NewReader(script), SQLite), 0
		for s.Scan() {
			all++
		}
		if accepted != all {
			t.Errorf("the engine accepts %d of %d statements of %.60q", accepted, all, script)
		}
	}
}

// TestDifferential holds that the scanner ends statements where the engine
// does, on scripts made from real ones, of which the engine accepts at least
// the first statement in at least every second script.
func TestDifferential(t *testing.T) {
	count := *inputs
	if s := os.Getenv("FASTMIGRATE_FUZZ_INPUTS"); s != "" && count == 0 {
		var err error
		if count, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	if count == 0 {
		count = usualInputs / slower
	}
	if testing.Short() {
		count = min(count, usualInputs/10)
	}
	scripts := corpus(t)
	e := newEngine(t, scripts)
	m := newMutator(scripts, 1)
	parsed, statements := 0, 0
	for i := range count {
		text := m.script()
		accepted, problem := e.disagreement(text)
		if problem != "" {
			t.Fatalf("input %d: %s\n%q", i, problem, text)
		}
		if statements += accepted; accepted > 0 {
			parsed++
		}
		if (i+1)%1_000_000 == 0 && i+1 < count {
			t.Logf("%d inputs so far", i+1)
		}
	}
	share := 100 * float64(parsed) / float64(count)
	t.Logf("%d inputs; the engine accepts the first statement of %.1f %% of them, and %d statements in all", count, share, statements)
	if share < 50 {
		t.Errorf("too few inputs are accepted to mean much")
	}
}

// FuzzEngine is TestDifferential for the fuzzer of the go command. It starts
// from the corpus and from what stands in testdata/fuzz.
func FuzzEngine(f *testing.F) {
	scripts := corpus(f)
	for _, script := range scripts {
		f.Add(script)
	}
	e := newEngine(f, scripts)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\x00\r") || !utf8.ValidString(text) || len(text) >= textSize/2 {
			t.Skip("not what reaches the engine")
		}
		if _, problem := e.disagreement(text); problem != "" {
			t.Errorf("%s\n%q", problem, text)
		}
	})
}
