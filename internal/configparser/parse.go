package configparser

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// MaxSize is how many bytes a file may have: far more than any configuration
// takes, and little enough to hold in memory if the wrong file was named.
const MaxSize = 1 << 20

// byteOrderMark is what some Windows editors write at the start of UTF-8 text.
const byteOrderMark = "\ufeff"

// Parse reads a whole file. The name is used in errors only. An error is one
// line that starts with the name, and with the line's number where there is
// one: text outside a section, a line without `=` or `:`, an option without a
// name, a doubled section or option, text that is not UTF-8, a file that can't
// be read or is above MaxSize.
func Parse(r io.Reader, name string) (*File, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		if pathError, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathError.Err // the rest of it is the name again
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%s: not a configuration file: it has more than %d bytes", name, MaxSize)
	}
	text := strings.TrimPrefix(string(data), byteOrderMark)
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)

	p := parser{file: &File{name: name, sections: map[string]section{}, defaults: section{}}}
	for line := range strings.SplitSeq(text, "\n") {
		p.number++
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, p.number, err)
		}
	}
	p.finish()
	return p.file, nil
}

// parser is where the reading of a file stands, one line at a time.
type parser struct {
	file    *File
	number  int      // of the line, counted from 1
	section section  // nil above the first header
	title   string   // the section's name
	option  *option  // the one that a deeper line continues; nil below a header
	lines   []string // of that option's value so far
	indent  int      // of the last header or option
}

// line takes in one line. The order of its questions is Python's, and matters:
// a comment is one at any depth, and a deeper line continues a value even if it
// looks like a header or an option.
func (p *parser) line(line string) error {
	if !utf8.ValidString(line) {
		return errors.New("the text is not UTF-8")
	}
	text := strings.TrimFunc(line, isSpace)
	if strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") {
		return nil
	}
	if text == "" {
		p.lines = append(p.lines, "")
		return nil
	}
	indent := indentation(line)
	if p.option != nil && indent > p.indent {
		p.lines = append(p.lines, text)
		return nil
	}
	p.finish()
	p.indent = indent
	if title, ok := header(text); ok {
		return p.open(title)
	}
	return p.assign(text)
}

// finish stores the value that ends here, without the empty lines at its end.
func (p *parser) finish() {
	if p.option != nil {
		p.option.raw = strings.TrimRightFunc(strings.Join(p.lines, "\n"), isSpace)
	}
	p.option, p.lines = nil, nil
}

// open starts a section. Only [DEFAULT] may be opened twice, as in Python.
func (p *parser) open(title string) error {
	p.title = title
	if title == defaultSection {
		p.section = p.file.defaults
		return nil
	}
	if p.file.HasSection(title) {
		return fmt.Errorf("section %s is there twice", quote(title))
	}
	p.section = section{}
	p.file.sections[title] = p.section
	return nil
}

// assign adds an option to the section.
func (p *parser) assign(text string) error {
	if p.section == nil {
		return fmt.Errorf("want a [section] header first, found %s", quote(text))
	}
	delimiter := strings.IndexAny(text, "=:")
	if delimiter < 0 {
		return fmt.Errorf("want an option as in name = value, found %s", quote(text))
	}
	name := strings.ToLower(strings.TrimRightFunc(text[:delimiter], isSpace))
	if name == "" {
		return fmt.Errorf("an option without a name: %s", quote(text))
	}
	if first, ok := p.section[name]; ok {
		return fmt.Errorf("option %s in section %s is there twice, first in line %d",
			quote(name), quote(p.title), first.line)
	}
	p.option = &option{line: p.number}
	p.section[name] = p.option
	p.lines = append(p.lines, strings.TrimLeftFunc(text[delimiter+1:], isSpace))
	return nil
}

// header returns the name between the first bracket of a text and its last one.
// Spaces belong to the name, and text behind the bracket is ignored.
func header(text string) (string, bool) {
	end := strings.LastIndexByte(text, ']')
	if text[0] != '[' || end < 2 {
		return "", false
	}
	return text[1:end], true
}
