package configparser

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

// TestKinderThanPython is what the package comment promises beyond Python.
func TestKinderThanPython(t *testing.T) {
	const absent = "(absent)"
	for _, test := range []struct{ about, text, want string }{
		{"an empty file", "", absent},
		{"comments only", "# nothing\n", absent},
		{"another section", "[other]\ndb = x\n", absent},
		{"a section in another case", "[Paths]\ndb = x\n", absent},
		{"[DEFAULT] does not make a section", "[DEFAULT]\ndb = x\n", absent},
		{"the section without the option", "[paths]\nmigrations = m\n", absent},
		{"a byte order mark", "\ufeff[paths]\r\ndb = a.db\r\n", "a.db"},
		{"a lone percent sign", "[paths]\ndb = 50% off.db\n", "50% off.db"},
		{"one at the end", "[paths]\ndb = 100%\n", "100%"},
		{"one behind a pair", "[paths]\ndb = %%%x\n", "%%x"},
		{"one in a reference's value", "[paths]\nrate = 5%\ndb = %(rate)s.db\n", "5%.db"},
	} {
		file, err := Parse(strings.NewReader(test.text), "f")
		if err != nil {
			t.Errorf("%s: %v", test.about, err)
			continue
		}
		got, ok, err := file.Get("paths", "db")
		if err != nil {
			t.Errorf("%s: %v", test.about, err)
		}
		if !ok {
			got = absent
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.about, got, test.want)
		}
	}
}

// TestErrors holds the whole text of each error: what, where, in one line.
func TestErrors(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, test := range []struct{ text, want string }{
		{"\n\ndb = x\n", `.fastmigrate:3: want a [section] header first, found "db = x"`},
		{"\x7fELF\x02\x01\n", `.fastmigrate:1: want a [section] header first, found "\x7fELF\x02\x01"`},
		{long, `.fastmigrate:1: want a [section] header first, found "` + long[:60] + `…"`},
		{"[paths]\ndb\n", `.fastmigrate:2: want an option as in name = value, found "db"`},
		{"[paths]\n = x\n", `.fastmigrate:2: an option without a name: "= x"`},
		{"[paths]\rDB=a\r\rdb=b", `.fastmigrate:4: option "db" in section "paths" is there twice, first in line 2`},
		{"[paths]\n[other]\n[paths]\n", `.fastmigrate:3: section "paths" is there twice`},
		{"[paths]\n# caf\xe9\n", `.fastmigrate:2: the text is not UTF-8`},
		{"[paths]\n\ndb = %(nope)s\n", `.fastmigrate:3: option "db" in section "paths": "%(nope)s" refers to an option that does not exist`},
		{"[paths]\ndb = a%(b\n", `.fastmigrate:2: option "db" in section "paths": bad reference "%(b": want %(name)s, or %% for a percent sign`},
		{"[DEFAULT]\ndb = %(db)s\n[paths]\n", `.fastmigrate:2: option "db" in section "paths": references are nested more than 10 deep, or in a circle`},
		{strings.Repeat("\n", MaxSize+1), `.fastmigrate: not a configuration file: it has more than 1048576 bytes`},
	} {
		file, err := Parse(strings.NewReader(test.text), ".fastmigrate")
		if err == nil {
			_, _, err = file.Get("paths", "db")
		}
		if err == nil || err.Error() != test.want {
			t.Errorf("%.80q:\n got %v\nwant %s", test.text, err, test.want)
		}
	}
}

// TestLazy wants a bad reference to do harm only where it is asked for.
func TestLazy(t *testing.T) {
	file, err := Parse(strings.NewReader("[paths]\ndb = a.db\nold = %(nope)s\n"), "f")
	if err != nil {
		t.Fatal(err)
	}
	if value, ok, err := file.Get("paths", "db"); value != "a.db" || !ok || err != nil {
		t.Errorf("Get = %q, %v, %v", value, ok, err)
	}
	if _, ok, err := file.Get("paths", "old"); !ok || err == nil {
		t.Errorf("Get of a bad reference = %v, %v; want true and an error", ok, err)
	}
}

// TestUnreadable wants the reason once, and the cause kept for errors.Is.
func TestUnreadable(t *testing.T) {
	folder, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if _, err := Parse(folder, "conf"); err == nil || err.Error() != "conf: is a directory" {
		t.Errorf("a folder: %v", err)
	}
	broken := io.MultiReader(strings.NewReader("[paths]\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := Parse(broken, "conf"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a failing reader: %v", err)
	}
}

// TestLargest reads files of the largest size that are bad for a parser that
// copies a value for each of its lines.
func TestLargest(t *testing.T) {
	head := "[paths]\ndb = a\n"
	for _, line := range []string{"\n", " b\n"} {
		text := head + strings.Repeat(line, (MaxSize-len(head))/len(line))
		if _, err := Parse(strings.NewReader(text), "f"); err != nil {
			t.Error(err)
		}
	}
}

// FuzzParse wants an answer or one line of error for whatever the file holds.
func FuzzParse(f *testing.F) {
	for _, text := range handWritten() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse(strings.NewReader(string(text)), "file.ini")
		if err != nil {
			if len(text) <= MaxSize {
				checkErrorLine(t, err)
			}
			return
		}
		for title, options := range file.sections {
			for name := range options {
				if _, ok, err := file.Get(title, name); !ok {
					t.Errorf("Get(%q, %q) finds nothing", title, name)
				} else if err != nil {
					checkErrorLine(t, err)
				}
			}
		}
	})
}
