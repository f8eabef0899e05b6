package argparse

import (
	"strings"
	"unicode/utf8"
)

// The layout of help is argparse's on a terminal of 80 columns. The width of
// the real one is not asked for: argparse reads it from COLUMNS, and the
// programs should say the same everywhere. Lines are broken at spaces only, so
// that paths stay whole.
const (
	width      = 78
	helpColumn = 24 // the most that names may push the explanations to the right
)

// Usage returns the line, or lines, that show all options, each ended by a newline.
func (p Parser) Usage() string {
	const prefix = "usage: "
	var parts []string
	for _, o := range p.options() {
		parts = append(parts, "["+o.invocation(o.spellings()[0])+"]")
	}
	if oneLine := prefix + p.Program + " " + strings.Join(parts, " "); runes(oneLine) <= width {
		return oneLine + "\n"
	}
	if head := prefix + p.Program; 4*runes(head) <= 3*width {
		indent := strings.Repeat(" ", runes(head)+1)
		return head + " " + strings.Join(wrap(parts, width-len(indent)), "\n"+indent) + "\n"
	}
	indent := strings.Repeat(" ", len(prefix))
	return prefix + p.Program + "\n" + indent + strings.Join(wrap(parts, width-len(indent)), "\n"+indent) + "\n"
}

// Help returns the usage, the description and what each option is for.
func (p Parser) Help() string {
	var b strings.Builder
	b.WriteString(p.Usage())
	if lines := wrap(strings.Fields(p.Description), width); len(lines) > 0 {
		b.WriteString("\n" + strings.Join(lines, "\n") + "\n")
	}
	b.WriteString("\noptions:\n")
	column := 0
	for _, o := range p.options() {
		column = max(column, runes(o.heading())+2)
	}
	column = min(column, helpColumn)
	indent := strings.Repeat(" ", column)
	for _, o := range p.options() {
		heading := o.heading()
		lines := wrap(strings.Fields(o.explanation()), width-column)
		b.WriteString(heading)
		if len(lines) > 0 {
			if gap := column - runes(heading); gap >= 2 {
				b.WriteString(strings.Repeat(" ", gap))
			} else {
				b.WriteString("\n" + indent)
			}
			b.WriteString(strings.Join(lines, "\n"+indent))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// invocation is one spelling with what it takes: --db PATH.
func (o Option) invocation(spelling string) string {
	if o.isFlag() {
		return spelling
	}
	return spelling + " " + o.Value
}

// heading is what stands on the left of the explanation: every spelling.
func (o Option) heading() string {
	var all []string
	for _, spelling := range o.spellings() {
		all = append(all, o.invocation(spelling))
	}
	return "  " + strings.Join(all, ", ")
}

// explanation is the help and the default.
func (o Option) explanation() string {
	if o.Default == "" {
		return o.Help
	}
	return o.Help + " (default: " + o.Default + ")"
}

// wrap fills lines with words as far as they fit; a longer word gets a line alone.
func wrap(words []string, width int) []string {
	var lines []string
	for _, word := range words {
		last := len(lines) - 1
		if last >= 0 && runes(lines[last])+1+runes(word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// runes is the length of a text as argparse counts it.
func runes(text string) int {
	return utf8.RuneCountInString(text)
}
