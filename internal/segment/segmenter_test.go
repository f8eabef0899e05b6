package segment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/segment"
)

// words are what the statements of a script are called in the test.
var words = map[string]segment.Statement{
	"write":    {Effect: true},
	"read":     {},
	"begin":    {Class: segment.Begins},
	"commit":   {Class: segment.Commits},
	"rollback": {Class: segment.RollsBack},
	"save":     {Class: segment.SavesPoint, Savepoint: "s"},
	"release":  {Class: segment.Releases, Savepoint: "s"},
	"return":   {Class: segment.Returns, Savepoint: "s"},
	"vacuum":   {Class: segment.Outside},
	"never":    {Class: segment.Refused, Why: "never"},
}

// follow tells what is done about the statements of a script: "[" opens a
// transaction of ours and "]" commits it, "<" opens the script's own and ">"
// commits it, "!" takes it back, "-" runs without one and "." in the open one.
func follow(script string, each bool) string {
	g := segment.Segmenter{Each: each}
	var done strings.Builder
	for i, word := range strings.Fields(script) {
		m, err := g.Next(words[word], i+1)
		if err != nil {
			return err.Error()
		}
		if m.CloseBefore {
			done.WriteByte(']')
		}
		if m.OpenBefore {
			done.WriteByte('[')
		}
		done.WriteByte(".-<>!"[m.Run])
		if m.CloseAfter {
			done.WriteByte(']')
		}
	}
	open, line, err := g.End()
	if err != nil {
		return fmt.Sprintf("%v (line %d)", err, line)
	}
	if open {
		done.WriteByte(']')
	}
	return done.String()
}

func TestSegmenter(t *testing.T) {
	for _, c := range []struct {
		script string
		each   bool
		want   string
	}{
		{"", false, ""},
		{"write read write", false, "[...]"},
		{"write vacuum write", false, "[.]-[.]"},
		{"begin write commit write", false, "<.>[.]"},
		{"write begin write rollback vacuum", false, "[.]<.!-"},
		{"save write return release write", false, "[.....]"},
		{"save vacuum release", false, "[...]"}, // where the database says no
		{"begin save write commit write", false, "<..>[.]"},
		{"write read write", true, "[.]-[.]"},
		{"save write release read vacuum", true, "[...]--"},
		{"begin write commit", true, "<.>"},
		{"write never", false, "never"},
		{"begin never", false, "never"},
		{"begin begin", false, "BEGIN inside the transaction of line 1"},
		{"write save begin", false, "BEGIN inside the SAVEPOINT of line 2"},
		{"write commit", false, "COMMIT without a BEGIN: it would end the transaction that keeps the migration whole"},
		{"rollback", false, "ROLLBACK without a BEGIN: it would end the transaction that keeps the migration whole"},
		{"release", false, "no such savepoint: s"},
		{"save release return", false, "no such savepoint: s"},
		{"begin save commit begin return", false, "no such savepoint: s"},
		{"write begin write", false, "BEGIN without a COMMIT: the work of this transaction would be lost (line 2)"},
		{"write save write", false, "SAVEPOINT s is never released (line 2)"},
	} {
		if got := follow(c.script, c.each); got != c.want {
			t.Errorf("%q, each %v: %s\nwant %s", c.script, c.each, got, c.want)
		}
	}
}
