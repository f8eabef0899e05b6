package argparse

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// python is the interpreter whose argparse is the authority.
const python = "/usr/bin/python3"

//go:embed testdata/reference.py
var referenceScript string

// batch is all that Python is asked in one go.
type batch struct {
	Parsers []Parser      `json:"parsers"`
	Cases   []commandLine `json:"cases"`
}

type commandLine struct {
	Parser int      `json:"parser"`
	Args   []string `json:"args"`
}

// outcome is what a program did with its command line. Values holds a text for
// an option that takes one, and a bool for a flag.
type outcome struct {
	Code   int            `json:"code"`
	Stdout string         `json:"stdout"`
	Stderr string         `json:"stderr"`
	Values map[string]any `json:"values"`
}

// TestSameAsPython compares exit code, both streams and all values of some
// thousand command lines with Python's. The counters keep the lines honest.
func TestSameAsPython(t *testing.T) {
	b := batch{Parsers: parsers()}
	for i := range b.Parsers {
		for _, line := range handWritten() {
			b.Cases = append(b.Cases, commandLine{i, line})
		}
	}
	random := rand.New(rand.NewPCG(20260101, 7))
	for range 6000 {
		i := random.IntN(len(b.Parsers))
		b.Cases = append(b.Cases, commandLine{i, randomLine(random, b.Parsers[i])})
	}
	seen := map[string]int{}
	for i, want := range askPython(t, b) {
		parser, args := b.Parsers[b.Cases[i].Parser], b.Cases[i].Args
		got := run(parser, args)
		// The difference on purpose: Python takes the -- in --db=-- away and
		// gives an empty list, which no program expects.
		for name, value := range want.Values {
			if _, isList := value.([]any); isList {
				seen["--db=--"]++
				want.Values[name] = "--"
			}
		}
		// Python quotes with ', we with ".
		if strings.Contains(want.Stderr, "ignored explicit argument") {
			got.Stderr = strings.ReplaceAll(got.Stderr, `"`, `'`)
		}
		seen[kindOf(want)]++
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %q (-Python +ours):\n%s", parser.Program, args, diff)
		}
	}
	for _, kind := range []string{
		"accepted", "help", "--db=--", "ambiguous option", "unrecognized arguments", "expected one argument", "ignored explicit argument",
	} {
		if seen[kind] < 20 {
			t.Errorf("only %d lines came to %q: the generator is too tame", seen[kind], kind)
		}
	}
	t.Logf("%d lines: %v", len(b.Cases), seen)
}

// run does with a command line what one of the programs does.
func run(p Parser, args []string) outcome {
	values, err := p.Parse(args)
	if err != nil {
		var stdout, stderr bytes.Buffer
		code := p.Exit(err, &stdout, &stderr)
		return outcome{Code: code, Stdout: stdout.String(), Stderr: stderr.String()}
	}
	all := map[string]any{}
	for _, o := range p.Options {
		if o.Value == "" {
			all[o.Long] = values.Bool(o.Long)
		} else {
			all[o.Long] = values.String(o.Long)
		}
	}
	return outcome{Values: all}
}

// kindOf names an outcome by the words of Python's message.
func kindOf(o outcome) string {
	switch {
	case o.Values != nil:
		return "accepted"
	case o.Code == 0:
		return "help"
	}
	_, message, _ := strings.Cut(o.Stderr, ": error: ")
	for _, kind := range []string{"ambiguous option", "unrecognized arguments", "expected one argument", "ignored explicit argument"} {
		if strings.Contains(message, kind) {
			return kind
		}
	}
	return message
}

// askPython runs Python once for all command lines. A machine without it fails
// the test: a comparison that was skipped looks like one that held.
func askPython(t *testing.T, b batch) []outcome {
	t.Helper()
	input, err := json.Marshal(b)
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
	var answers []outcome
	if err := json.Unmarshal(output, &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers) != len(b.Cases) {
		t.Fatalf("Python answered %d of %d lines", len(answers), len(b.Cases))
	}
	return answers
}
