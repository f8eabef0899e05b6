package backendtest

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
)

// promises are the subtests, from what everything stands on to what is seldom
// needed.
var promises = []struct {
	name string
	hold func(*suite, *testing.T)
}{
	{"state", (*suite).state},
	{"order", (*suite).order},
	{"odd names", (*suite).oddNames},
	{"odd texts", (*suite).oddTexts},
	{"applied once", (*suite).appliedOnce},
	{"records", (*suite).records},
	{"failure midway", (*suite).failureMidway},
	{"atomicity", (*suite).atomicity},
	{"resume", (*suite).resume},
	{"changed underneath", (*suite).changed},
	{"moved", (*suite).moved},
	{"lock", (*suite).lock},
	{"lock given back", (*suite).lockGivenBack},
	{"two processes", (*suite).processes},
	{"killed holder", (*suite).killedHolder},
	{"killed midway", (*suite).killedMidway},
	{"findings", (*suite).findings},
	{"down", (*suite).down},
	{"down fails", (*suite).downFails},
	{"mark", (*suite).mark},
	{"enroll", (*suite).enroll},
	{"draft", (*suite).draft},
	{"programs", (*suite).programs},
	{"program left behind", (*suite).programLeft},
	{"large script", (*suite).large},
	{"cancel between statements", (*suite).cancelBetween},
	{"cancel a long statement", (*suite).cancelLong},
	{"groups", (*suite).groups},
	{"all or nothing", (*suite).allOrNothing},
	{"summary", (*suite).summary},
	{"copy", (*suite).copyFile},
	{"verify", (*suite).verify},
	{"server", (*suite).server},
	{"functions", (*suite).functions},
	{"function fails", (*suite).functionFails},
	{"functions moved", (*suite).functionsMoved},
	{"function killed", (*suite).functionKilled},
	{"revisions", (*suite).revisions},
	{"revisions fail", (*suite).revisionsFail},
	{"revisions moved", (*suite).revisionsMoved},
	{"goroutines", (*suite).goroutines},
}

// Run holds the backends that the harness opens to every promise that they
// make, each in a subtest. Call it once in a test, before that test does
// anything lasting: a process that the suite starts is the test binary again,
// which comes to the same call and does there what it was started for.
func Run(t *testing.T, h Harness) {
	t.Helper()
	h = h.filled()
	if job, ok := jobOf(t.Name()); ok {
		job.do(t, h)
		t.SkipNow()
	}
	s := &suite{Harness: h, top: t.Name()}
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) { p.hold(s, t) })
	}
}

// suite is one run of the suite.
type suite struct {
	Harness
	top    string          // the name of the test that called Run
	sample backend.Backend // any, for its optional interfaces
}

// history says whether the backends keep a history.
func (s *suite) history() bool { return s.Failure != Unknown }

// shared says whether a database can be opened more than once.
func (s *suite) shared() bool { return s.Reach != OneBackend }
