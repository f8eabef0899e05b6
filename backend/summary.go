package backend

import (
	"context"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Summarizer is a [Backend] that can tell in one short query which versions its
// history says are applied, so that a run with nothing to do need not read the
// history.
type Summarizer interface {
	// Summary sums up the versions of numbered files that were applied, up to
	// and with upTo.
	Summary(ctx context.Context, upTo migration.Version) (Summary, error)
}

// Summary tells two sets of versions apart without naming them. A version that
// was taken back and applied again may count once or twice: a summary that is
// not that of the files only means that the history has to be read.
type Summary struct {
	Unfinished bool              // whether the last entry did not come to a good end
	From       migration.Version // the lowest version that something was applied from
	Count      int64             // how many versions were applied
	Sum        int64             // of those versions
	Squares    int64             // of those versions, summed
}

// Summarize returns the summary that a history has in which each of the
// versions above from, up to and with upTo, is applied.
func Summarize(migrations []migration.Migration, from, upTo migration.Version) Summary {
	s := Summary{From: from}
	for _, m := range migrations {
		if v := int64(m.Version); m.Version > from && m.Version <= upTo {
			s.Count++
			s.Sum += v
			s.Squares += v * v
		}
	}
	return s
}
