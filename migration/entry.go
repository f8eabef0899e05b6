package migration

import "time"

// Status says how far an entry of the history has come.
type Status string

// The statuses of an entry.
const (
	Begun    Status = "begun"    // started and not known to have ended
	Applied  Status = "applied"  // done, and the database stands where it leads
	Failed   Status = "failed"   // an outside program, or a script of several segments, ended with an error
	Marked   Status = "marked"   // recorded without running
	Enrolled Status = "enrolled" // an existing database was adopted here
)

// The kinds of history, one for each way of giving migrations.
const (
	Files     = "files"     // numbered files
	Functions = "functions" // functions in code
	Revisions = "revisions" // a graph of revisions
)

// Entry is one row of the history: what was done to the database, when, by
// whom, and how it ended.
type Entry struct {
	ID        int64 // given by the database; 0 before it is written
	Kind      string
	From, To  State
	Name      string // the file's base name
	Direction Direction
	Status    Status

	SegmentsDone   int      // commits of the script that are durable
	PrefixChecksum Checksum // of the text up to the end of those commits
	Checksum       Checksum // of the whole text

	StartedAt  time.Time     // UTC
	FinishedAt time.Time     // UTC; zero while it is not known to have ended
	Duration   time.Duration // whole milliseconds
	Tool       string        // name and version of the program that wrote it
	Host       string        // name of the machine that it ran on
	Error      string        // what went wrong, for Failed
}

// Ended says whether the entry is known to have come to a good end.
func (e Entry) Ended() bool { return e.Status != Begun && e.Status != Failed }

// Step returns the step that the entry is about, without its body: for what is
// recorded and not run.
func (e Entry) Step() Step {
	s := Step{Direction: e.Direction, From: e.From, To: e.To, Migration: Migration{Name: e.Name}}
	place := e.To
	if e.Direction == Down {
		place = e.From
	}
	s.Migration.Version, _ = place.Version()
	return s
}
