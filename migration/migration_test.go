package migration_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/fastmigrate/fastmigrate/migration"
)

func script(text string, through func(io.Reader) io.Reader) *migration.SQL {
	return &migration.SQL{Name: "x.sql", Reader: func() (io.ReadCloser, error) {
		return io.NopCloser(through(strings.NewReader(text))), nil
	}}
}

func same(r io.Reader) io.Reader { return r }

// Editors and version control change line ends and byte order marks; that
// changes no checksum. All else does.
func TestSum(t *testing.T) {
	plain := migration.HexChecksum(sum("a\nb\n\nc"))
	for text, want := range map[string]bool{
		"a\nb\n\nc": true, "a\r\nb\r\n\r\nc": true, "a\rb\r\rc": true, "a\r\nb\n\rc": true, "\uFEFFa\nb\n\nc": true, "\uFEFFa\r\nb\r\n\r\nc": true,
		"a\nb\nc": false, "a\nb\n\nc\n": false, "a\nb\n\nc ": false, "\uFEFF\uFEFFa\nb\n\nc": false, "a\n\uFEFFb\n\nc": false, "A\nb\n\nc": false, "": false,
	} {
		for name, through := range map[string]func(io.Reader) io.Reader{"at once": same, "byte by byte": iotest.OneByteReader, "with the end": iotest.DataErrReader} {
			got, size, err := migration.Sum(script(text, through))
			if err != nil || (got == plain) != want || want && size != 6 {
				t.Errorf("%q %s: %s, %d bytes, %v", text, name, got, size, err)
			}
		}
	}
	if got, size, err := migration.Sum(script("", same)); err != nil || size != 0 || got != migration.HexChecksum(sum("")) {
		t.Errorf("empty: %s, %d, %v", got, size, err)
	}
}

func sum(text string) []byte {
	s := sha256.Sum256([]byte(text))
	return s[:]
}

// However a text is cut into reads, the checksum is that of its normal form.
func TestSumOfReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"\r", "\n", "a", "\uFEFF", "ü", strings.Repeat("x", 20_000)})).Draw(t, "text"), "")
		normal := strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(text, "\uFEFF"), "\r\n", "\n"), "\r", "\n")
		got, size, err := migration.Sum(script(text, func(r io.Reader) io.Reader { return iotest.HalfReader(r) }))
		if err != nil || got != migration.HexChecksum(sum(normal)) || size != int64(len(normal)) {
			t.Fatalf("%q: %s, %d bytes, %v", text, got, size, err)
		}
	})
}

func TestSumFails(t *testing.T) {
	broken := errors.New("broken")
	if _, _, err := migration.Sum(script("abc", func(io.Reader) io.Reader { return iotest.ErrReader(broken) })); !errors.Is(err, broken) || !strings.Contains(err.Error(), "x.sql") {
		t.Error(err)
	}
	body := &migration.SQL{Name: "x.sql", Reader: func() (io.ReadCloser, error) { return nil, broken }}
	if _, _, err := migration.Sum(body); !errors.Is(err, broken) || !strings.Contains(err.Error(), "x.sql") {
		t.Error(err)
	}
}

func TestStates(t *testing.T) {
	for _, v := range []migration.Version{0, 1, 42, 9999, 10_000, 1 << 40} {
		if back, err := v.State().Version(); err != nil || back != v {
			t.Errorf("%d: %d, %v", v, back, err)
		}
	}
	for _, s := range []migration.State{"", "-1", "one", "1.5", " 1", "99999999999999999999"} {
		if v, err := s.Version(); err == nil {
			t.Errorf("%q is version %d", s, v)
		}
	}
	if got := migration.Version(7).String() + migration.Version(12345).String(); got != "000712345" {
		t.Errorf("printed %s", got)
	}
	for _, d := range []migration.Direction{migration.Up, migration.Down} {
		if back, err := migration.ParseDirection(d.String()); err != nil || back != d {
			t.Errorf("%v: %v, %v", d, back, err)
		}
	}
	if _, err := migration.ParseDirection("sideways"); err == nil {
		t.Error("sideways is a direction")
	}
}

func TestErrors(t *testing.T) {
	cause := fmt.Errorf("inner: %w", migration.ErrLocked)
	inner := &migration.Error{Err: cause, Hint: "inner hint"}
	for want, e := range map[string]*migration.Error{
		"inner: database is locked":             {Err: cause},
		"a.sql: inner: database is locked":      {Origin: migration.Origin{File: "a.sql"}, Err: cause},
		"a.sql:3: inner: database is locked":    {Origin: migration.Origin{File: "a.sql", Line: 3}, Err: cause},
		"a.sql:3:14: inner: database is locked": {Origin: migration.Origin{File: "a.sql", Line: 3, Column: 14}, Err: cause},
	} {
		if e.Error() != want || !errors.Is(e, migration.ErrLocked) {
			t.Errorf("%q, want %q", e, want)
		}
	}
	for want, err := range map[string]error{
		"":           cause,
		"inner hint": fmt.Errorf("more: %w", &migration.Error{Err: errors.Join(inner)}),
		"outer":      &migration.Error{Hint: "outer", Err: inner},
	} {
		if got := migration.HintOf(err); got != want {
			t.Errorf("hint %q, want %q", got, want)
		}
	}
	if migration.HintOf(nil) != "" {
		t.Error("nil has a hint")
	}
}

func TestFirstLine(t *testing.T) {
	long := strings.Repeat("ü", 130)
	for text, want := range map[string]string{
		"": "", "SELECT 1;": "SELECT 1;", "\n  SELECT 1 \t\nFROM x": "SELECT 1", long: long[:2*119] + "…", strings.Repeat("x", 120): strings.Repeat("x", 120),
	} {
		if got := migration.FirstLine(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestFinding(t *testing.T) {
	f := migration.Finding{Message: "was edited"}
	if f.String() != "was edited" || f.Version != nil {
		t.Error(f)
	}
	f.File = "0001-a.sql"
	if g := f.About(3); g.String() != "0001-a.sql: was edited" || *g.Version != 3 || f.Version != nil {
		t.Error(g)
	}
}
