package script

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCapture checks against the plain definition: all of it, or the beginning
// and the end with a note between.
func TestCapture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c capture
		var all strings.Builder
		for i, n := range rapid.SliceOfN(rapid.IntRange(0, 40<<10), 0, 12).Draw(t, "sizes") {
			chunk := strings.Repeat(string(rune('a'+i)), n)
			c.add([]byte(chunk))
			all.WriteString(chunk)
		}
		want := all.String()
		if over := len(want) - headSize - tailSize; over > 0 {
			want = fmt.Sprintf("%s\n[... %d bytes left out ...]\n%s", want[:headSize], over, want[headSize+over:])
		}
		if got := c.String(); got != want {
			t.Fatalf("kept %d bytes, want %d, or other ones", len(got), len(want))
		}
		if kept := cap(c.head) + cap(c.tail); kept > 6*tailSize {
			t.Fatalf("%d bytes of memory in use", kept)
		}
	})
}
