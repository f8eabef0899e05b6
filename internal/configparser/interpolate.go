package configparser

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// maxDepth is how many references deep a value may be, Python's
// MAX_INTERPOLATION_DEPTH. Values that refer to themselves end there.
const maxDepth = 10

// reference matches `%(name)s` at the start of a text.
var reference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\A%\(([^)]+)\)s`) })

// expand resolves what Python's BasicInterpolation resolves in a value. The
// names are looked up in the section that was asked, also for references that
// stand in [DEFAULT]. The depth of the value itself is 1.
func (s scope) expand(raw string, depth int) (string, error) {
	if depth > maxDepth {
		return "", fmt.Errorf("references are nested more than %d deep, or in a circle", maxDepth)
	}
	var out strings.Builder
	for rest := raw; rest != ""; {
		before, _, found := strings.Cut(rest, "%")
		out.WriteString(before)
		if !found {
			break
		}
		rest = rest[len(before):]
		switch {
		case strings.HasPrefix(rest, "%%"):
			out.WriteByte('%')
			rest = rest[2:]
		case strings.HasPrefix(rest, "%("):
			match := reference().FindStringSubmatch(rest)
			if match == nil {
				return "", fmt.Errorf("bad reference %s: want %%(name)s, or %%%% for a percent sign", quote(rest))
			}
			value, err := s.resolve(match[1], depth)
			if err != nil {
				return "", err
			}
			out.WriteString(value)
			rest = rest[len(match[0]):]
		default: // Python refuses the lone percent sign.
			out.WriteByte('%')
			rest = rest[1:]
		}
	}
	return out.String(), nil
}

// resolve returns the value that a reference found at that depth stands for. A
// value without percent signs does not count as one level more.
func (s scope) resolve(name string, depth int) (string, error) {
	target := s.lookup(strings.ToLower(name))
	if target == nil {
		return "", fmt.Errorf("%s refers to an option that does not exist", quote("%("+name+")s"))
	}
	if !strings.Contains(target.raw, "%") {
		return target.raw, nil
	}
	return s.expand(target.raw, depth+1)
}
