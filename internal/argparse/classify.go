package argparse

import (
	"regexp"
	"strings"
	"sync"
)

// word is what one argument is taken for before any option is read.
type word struct {
	kind     kind
	option   Option // of a knownOption
	spelling string // in which the option was given, without abbreviation
	attached *string
}

type kind int

const (
	plain         kind = iota // may be the text of the option before it
	knownOption               // an option, with what is attached to it: --db=x, -vh
	unknownOption             // looks like an option; never the text of another
	separator                 // the first --: no option takes its text from behind it
)

// number matches what argparse takes for a negative number and not for an
// option, as long as no option of the program looks like one.
var number = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-(\p{Nd}+|\p{Nd}*\.\p{Nd}+)\n?$`) })

// classify sorts the arguments. It comes before all else, so that an ambiguous
// option is an error even behind --help.
func (p Parser) classify(args []string) ([]word, error) {
	words := make([]word, len(args))
	for i, arg := range args {
		if arg == "--" {
			words[i] = word{kind: separator}
			break // what follows is plain, the zero value
		}
		var err error
		if words[i], err = p.classifyOne(arg); err != nil {
			return nil, err
		}
	}
	return words, nil
}

func (p Parser) classifyOne(arg string) (word, error) {
	if len(arg) < 2 || arg[0] != '-' {
		return word{}, nil
	}
	if found, ok := p.exact(arg, nil); ok {
		return found, nil
	}
	before, after, hasValue := strings.Cut(arg, "=")
	if hasValue {
		if found, ok := p.exact(before, &after); ok {
			return found, nil
		}
	}
	if arg[1] != '-' {
		rest := arg[2:]
		if found, ok := p.exact(arg[:2], &rest); ok {
			return found, nil
		}
	} else {
		matches := p.abbreviated(before)
		if len(matches) > 1 {
			return word{}, usageErrorf("ambiguous option: %s could match %s", arg, strings.Join(matches, ", "))
		}
		if len(matches) == 1 {
			found, _ := p.exact(matches[0], nil)
			if hasValue {
				found.attached = &after
			}
			return found, nil
		}
	}
	// A word with a space is meant as a text: --db "-my file.db" is accepted.
	if number().MatchString(arg) || strings.Contains(arg, " ") {
		return word{}, nil
	}
	return word{kind: unknownOption}, nil
}

// exact finds the option that is spelled just so.
func (p Parser) exact(spelling string, attached *string) (word, bool) {
	for _, o := range p.options() {
		for _, s := range o.spellings() {
			if s == spelling {
				return word{kind: knownOption, option: o, spelling: s, attached: attached}, true
			}
		}
	}
	return word{}, false
}

// abbreviated returns the long spellings that start with a text.
func (p Parser) abbreviated(prefix string) []string {
	var matches []string
	for _, o := range p.options() {
		if long := "--" + o.Long; strings.HasPrefix(long, prefix) {
			matches = append(matches, long)
		}
	}
	return matches
}
