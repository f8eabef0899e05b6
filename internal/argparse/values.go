package argparse

import "fmt"

// Values is what a command line says. Its methods panic when asked for an
// option that the parser does not have, which is the programmer's mistake.
type Values struct {
	texts map[string]string // of all options, their defaults included
	given map[string]bool
}

// newValues is the empty command line.
func newValues(options []Option) Values {
	v := Values{texts: map[string]string{}, given: map[string]bool{}}
	for _, o := range options {
		v.texts[o.Long] = o.Default
	}
	return v
}

// String returns the text given for an option, or its default.
func (v Values) String(long string) string {
	text, ok := v.texts[long]
	if !ok {
		panic(fmt.Sprintf("argparse: no option --%s", long))
	}
	return text
}

// Bool reports whether a flag is given.
func (v Values) Bool(long string) bool {
	return v.Given(long)
}

// Given reports whether an option is on the command line, be it with the text
// that is its default: what is given there wins over a configuration file.
func (v Values) Given(long string) bool {
	if _, ok := v.texts[long]; !ok {
		panic(fmt.Sprintf("argparse: no option --%s", long))
	}
	return v.given[long]
}

// set notes an option; a later text replaces an earlier one.
func (v Values) set(o Option, text string) {
	v.given[o.Long] = true
	if !o.isFlag() {
		v.texts[o.Long] = text
	}
}
