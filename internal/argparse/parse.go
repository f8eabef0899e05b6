package argparse

import (
	"strings"
	"unicode/utf8"
)

// Parse reads the arguments that follow the program's name. It returns ErrHelp
// or a *UsageError, whichever comes first from left to right; that there are
// arguments nobody knows is found last. See Exit for what to do with either.
func (p Parser) Parse(args []string) (Values, error) {
	words, err := p.classify(args)
	if err != nil {
		return Values{}, err
	}
	values := newValues(p.options())
	var unknown []string
	for i := 0; i < len(args); i++ {
		if words[i].kind != knownOption {
			unknown = append(unknown, args[i])
			continue
		}
		flags, last, err := p.split(words[i])
		if err != nil {
			return Values{}, err
		}
		text := ""
		switch {
		case last.option.isFlag():
		case last.attached != nil:
			text = *last.attached
		case i+1 < len(args) && words[i+1].kind == plain:
			i++
			text = args[i]
		default:
			return Values{}, usageErrorf("argument %s: expected one argument", last.option)
		}
		for _, flag := range flags {
			values.set(flag, "")
		}
		values.set(last.option, text)
		if values.Given(help.Long) {
			return Values{}, ErrHelp
		}
	}
	if len(unknown) > 0 {
		return Values{}, usageErrorf("unrecognized arguments: %s", strings.Join(unknown, " "))
	}
	return values, nil
}

// split takes one word apart: -vh is -v and -h, -vdX is -v and -d with X
// attached. Flags that stand before the last option are returned first. That
// something is attached to a flag which is no option itself is an error.
func (p Parser) split(last word) (flags []Option, _ word, _ error) {
	for last.option.isFlag() && last.attached != nil {
		attached := *last.attached
		ignored := usageErrorf("argument %s: ignored explicit argument %q", last.option, attached)
		if strings.HasPrefix(last.spelling, "--") {
			return nil, word{}, ignored
		}
		_, size := utf8.DecodeRuneInString(attached)
		next, ok := p.exact("-"+attached[:size], nil)
		if !ok {
			return nil, word{}, ignored
		}
		if rest := attached[size:]; rest != "" {
			next.attached = &rest
		}
		flags = append(flags, last.option)
		last = next
	}
	return flags, last, nil
}
