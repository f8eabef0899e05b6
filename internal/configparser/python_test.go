package configparser

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// python is the interpreter whose configparser is the authority.
const python = "/usr/bin/python3"

//go:embed testdata/reference.py
var referenceScript string

// pythonAnswer is what Python made of one text, see testdata/reference.py.
type pythonAnswer struct {
	BOM      bool                            `json:"bom"`
	Lone     int                             `json:"lone"`
	Error    string                          `json:"error"`
	Sections map[string]map[string]pythonGet `json:"sections"`
}

// pythonGet is what Python got for one option.
type pythonGet struct {
	Value string `json:"value"`
	Error string `json:"error"`
}

// TestSameAsPython compares everything that can be got from some thousand
// texts with what Python gets from them. The test's counters keep the texts
// honest: each kind of outcome has to come up often.
func TestSameAsPython(t *testing.T) {
	texts := handWritten()
	random := rand.New(rand.NewPCG(20260101, 7))
	for range 4000 {
		texts = append(texts, randomText(random))
	}
	seen := map[string]int{}
	for i, want := range askPython(t, texts) {
		text := texts[i]
		file, err := Parse(bytes.NewReader(text), "file.ini")
		seen[want.Error]++
		if (err != nil) != (want.Error != "") {
			t.Errorf("%q:\nour error: %v\nPython's: %s", text, err, want.Error)
			continue
		}
		if err != nil {
			checkErrorLine(t, err)
			continue
		}
		if diff := cmp.Diff(want.Sections, everything(t, file, want.Sections, seen)); diff != "" {
			t.Errorf("%q (-Python +ours):\n%s", text, diff)
		}
		seen["lone percent"] += want.Lone
		if want.BOM {
			seen["byte order mark"]++
		}
	}
	for _, kind := range []string{
		"", "MissingSectionHeaderError", "ParsingError", "DuplicateOptionError", "DuplicateSectionError", "UnicodeDecodeError",
		"InterpolationDepthError", "InterpolationMissingOptionError", "InterpolationSyntaxError",
		"value of many lines", "empty line within", "interpolated", "inherited", "lone percent", "byte order mark",
	} {
		if seen[kind] < 5 {
			t.Errorf("only %d texts came to %q: the generator is too tame", seen[kind], kind)
		}
	}
	t.Logf("%d texts: %v", len(texts), seen)
}

// everything gets all options of a file in Python's shape, and counts in seen
// what was worth testing. Python's kinds of interpolation errors are taken over
// where both fail, for ours have no kinds.
func everything(t *testing.T, file *File, want map[string]map[string]pythonGet, seen map[string]int) map[string]map[string]pythonGet {
	t.Helper()
	all := map[string]map[string]pythonGet{}
	sections := map[string]section{defaultSection: {}}
	maps.Copy(sections, file.sections)
	for title, own := range sections {
		got := map[string]pythonGet{}
		for name := range maps.Keys(file.defaults) {
			got[name] = pythonGet{}
		}
		for name := range maps.Keys(own) {
			got[name] = pythonGet{}
		}
		for name := range got {
			value, ok, err := file.Get(title, strings.ToUpper(name))
			if !ok {
				t.Errorf("Get(%q, %q) finds nothing", title, name)
			}
			if err == nil {
				got[name] = pythonGet{Value: value}
				count(seen, file, title, name, value)
				continue
			}
			checkErrorLine(t, err)
			got[name] = pythonGet{Error: "an error: " + err.Error()}
			if kind := want[title][name].Error; kind != "" {
				got[name] = pythonGet{Error: kind}
				seen[kind]++
			}
		}
		all[title] = got
		if title != defaultSection && !file.HasSection(title) {
			t.Errorf("HasSection(%q) = false", title)
		}
	}
	return all
}

// count notes in seen what a value that Python agrees on has exercised.
func count(seen map[string]int, file *File, title, name, value string) {
	own, inSection := file.sections[title][name]
	if title != defaultSection && !inSection {
		seen["inherited"]++
	}
	if inSection && own.raw != value {
		seen["interpolated"]++
	}
	if strings.Contains(value, "\n") {
		seen["value of many lines"]++
	}
	if strings.Contains(value, "\n\n") {
		seen["empty line within"]++
	}
}

// checkErrorLine wants one line that says in which line of the file.
func checkErrorLine(t *testing.T, err error) {
	t.Helper()
	name, rest, _ := strings.Cut(err.Error(), ":")
	number, _, _ := strings.Cut(rest, ": ")
	if name != "file.ini" || strings.Trim(number, "0123456789") != "" || number == "" || strings.Contains(rest, "\n") {
		t.Errorf("want one line that starts with file.ini:LINE:, got %q", err)
	}
}

// askPython runs Python once for all texts. A machine without it fails the
// test: a comparison that was skipped looks like one that held.
func askPython(t *testing.T, texts [][]byte) []pythonAnswer {
	t.Helper()
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-I", "-X", "utf8", "-c", referenceScript)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v (run `make deps` to install it)\n%s", python, err, &stderr)
	}
	var answers []pythonAnswer
	if err := json.Unmarshal(output, &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers) != len(texts) {
		t.Fatalf("Python answered %d of %d texts", len(answers), len(texts))
	}
	return answers
}
