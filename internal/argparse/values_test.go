package argparse

import (
	"errors"
	"testing"
)

// TestGiven wants a text that equals the default to count as given.
func TestGiven(t *testing.T) {
	p := Parser{Program: "p", Options: []Option{{Long: "db", Value: "PATH", Default: "a.db"}, {Long: "backup"}}}
	for _, test := range []struct {
		args          []string
		given, backup bool
	}{
		{nil, false, false},
		{[]string{"--db", "a.db"}, true, false},
		{[]string{"--b"}, false, true},
	} {
		values, err := p.Parse(test.args)
		if err != nil {
			t.Fatal(err)
		}
		if got := values.String("db"); got != "a.db" {
			t.Errorf("%q: String(db) = %q", test.args, got)
		}
		if got := values.Given("db"); got != test.given {
			t.Errorf("%q: Given(db) = %v", test.args, got)
		}
		if got := values.Bool("backup"); got != test.backup {
			t.Errorf("%q: Bool(backup) = %v", test.args, got)
		}
	}
}

// TestErrorTypes wants errors that a caller can tell apart.
func TestErrorTypes(t *testing.T) {
	p := Parser{Program: "p"}
	if _, err := p.Parse([]string{"-h"}); err != ErrHelp {
		t.Errorf("-h: %v", err)
	}
	for _, args := range [][]string{{"x"}, {"-hx"}, {"--=x", "--"}} {
		_, err := p.Parse(args)
		if _, ok := errors.AsType[*UsageError](err); !ok {
			t.Errorf("%q: %v is no *UsageError", args, err)
		}
	}
}

// TestOptionsOfNobody wants a panic: the program asks for what it never declared.
func TestOptionsOfNobody(t *testing.T) {
	values, err := Parser{}.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func(){
		"String": func() { values.String("nope") },
		"Bool":   func() { values.Bool("nope") },
		"Given":  func() { values.Given("nope") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			ask()
		}()
	}
}
