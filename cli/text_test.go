package cli

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/migration"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                       "0 ms",
		999 * time.Millisecond:                  "999 ms",
		1500 * time.Millisecond:                 "1.5 s",
		125 * time.Second:                       "2 min 5 s",
		59*time.Minute + 59900*time.Millisecond: "1 h 0 min",
		26 * time.Hour:                          "26 h 0 min",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1536: "1.5 KB", 100 << 20: "100.0 MB"} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	verbs := []string{"up", "down", "status", "plan", "version", "verify", "enroll", "new"}
	for word, want := range map[string]string{
		"stauts": "status", "statsu": "status", "stat": "status", "verfy": "verify",
		"enrol": "enroll", "pu": "up", "migrate": "", "": "", "x": "",
	} {
		if got := nearest(word, verbs); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestSlugOf(t *testing.T) {
	for name, want := range map[string]string{
		"Add tags": "add-tags", " --x-- ": "x", "Straße №5": "straße-5", "../etc/passwd": "etc-passwd", "…": "",
	} {
		if got := slugOf(name); got != want {
			t.Errorf("slugOf(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestErrorObject shows that what is known of an error is found wherever in its
// chain it stands, and is said once.
func TestErrorObject(t *testing.T) {
	inner := &migration.Error{
		Origin: migration.Origin{File: "0001-a.sql", Line: 2, Column: 3}, Statement: "SELECT", Hint: "mend it", Err: errors.New("no"),
	}
	for _, err := range []error{inner, &migration.Error{Op: "apply", Err: inner}} {
		want := ErrorObject{Message: "no", File: "0001-a.sql", Line: 2, Column: 3, Statement: "SELECT", Hint: "mend it"}
		if got := errorObject(err); got != want {
			t.Errorf("errorObject(%v) = %+v, want %+v", err, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	for _, tt := range []struct {
		err  error
		want int
	}{
		{a, 1},
		{errors.Join(a, errors.Join(b, a)), 3},
		{fmt.Errorf("%w: %w", a, b), 1},
		{errors.Join(fmt.Errorf("%w: %w", a, b), nil), 1},
	} {
		if got := split(tt.err); len(got) != tt.want {
			t.Errorf("split(%q) = %q, want %d errors", tt.err, got, tt.want)
		}
	}
}
