package backend

import (
	"context"
	"iter"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Summarizer is a [Backend] that can tell in one short query where numbered files
// stand and which versions its history says are applied, so that a run with
// nothing to do need not read the history.
type Summarizer interface {
	// Summary does what [Backend.State] does, with the same errors, and sums up
	// the versions that were applied: not those that were taken back.
	Summary(ctx context.Context) (migration.State, Summary, error)
}

// Summary tells two sets of versions apart without naming them. Where a version
// was marked, or another tool was at work, it need not be that of the files: that
// only means that the history has to be read.
type Summary struct {
	Unfinished bool              // whether the last entry did not come to a good end
	From       migration.Version // the lowest version that something was applied from
	Digest     int64             // the sum of [migration.Version.Digest] of the versions that are applied
}

// Summarize returns the summary that a history has in which each of the
// versions above from, up to and with upTo, is applied.
func Summarize(versions iter.Seq[migration.Version], from, upTo migration.Version) Summary {
	s := Summary{From: from}
	for v := range versions {
		if v > from && v <= upTo {
			s.Digest += v.Digest()
		}
	}
	return s
}
