package configparser

import (
	"fmt"
	"strings"
)

// defaultSection is the section whose options show in every other one.
const defaultSection = "DEFAULT"

// File is a parsed file. Its values are stored as written: references to other
// options are resolved by Get, so that a bad one in a section that nobody asks
// for does no harm.
type File struct {
	name     string
	sections map[string]section // [DEFAULT] apart
	defaults section
}

// section maps the lower-case names of a section's options to their values.
type section map[string]*option

// option is one value as it stands in the file.
type option struct {
	raw  string
	line int // where its name stands, counted from 1
}

// HasSection reports whether the file has the section. As in Python, [DEFAULT]
// is not one.
func (f *File) HasSection(name string) bool {
	_, ok := f.sections[name]
	return ok
}

// Get returns the value of an option with its references resolved. It looks in
// the section first and then in [DEFAULT]; ok is false if the section does not
// exist, or if neither has the option. The error, of one line, tells of a
// reference that cannot be resolved; ok is true then, for the option is there.
func (f *File) Get(sectionName, optionName string) (value string, ok bool, err error) {
	scope, ok := f.scope(sectionName)
	if !ok {
		return "", false, nil
	}
	name := strings.ToLower(optionName)
	opt := scope.lookup(name)
	if opt == nil {
		return "", false, nil
	}
	value, err = scope.expand(opt.raw, 1)
	if err != nil {
		return "", true, fmt.Errorf("%s:%d: option %s in section %s: %w",
			f.name, opt.line, quote(name), quote(sectionName), err)
	}
	return value, true, nil
}

// scope is what a section sees: its own options over those of [DEFAULT].
type scope struct {
	own, defaults section
}

func (f *File) scope(name string) (scope, bool) {
	if name == defaultSection {
		return scope{defaults: f.defaults}, true
	}
	own, ok := f.sections[name]
	return scope{own: own, defaults: f.defaults}, ok
}

// lookup returns the option of that lower-case name, or nil.
func (s scope) lookup(name string) *option {
	if opt, ok := s.own[name]; ok {
		return opt
	}
	return s.defaults[name]
}
