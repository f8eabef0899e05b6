package main

import (
	"fmt"
	"strings"
)

// man returns the page for man(1). It has no date, so that it changes only with
// the command.
func (p *page) man() string {
	var b strings.Builder
	write := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	write(".\\\" %s\n.TH %s 1 \"\" fastmigrate \"User Commands\"\n.nh\n.ad l\n", made, strings.ToUpper(p.file()))
	write(".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n%s\n", roff(p.file()), roff(p.short), bold(p.use))
	write(".SH DESCRIPTION\n")
	if len(p.text) == 0 {
		write("%s.\n", roff(p.short))
	}
	for i, paragraph := range p.text {
		if i > 0 {
			write(".PP\n")
		}
		write("%s\n", roff(paragraph))
	}
	if len(p.verbs) > 0 {
		write(".SH VERBS\n")
		for _, v := range p.verbs {
			write(".TP\n%s\n%s\n", bold(strings.TrimPrefix(v.name, p.name+" ")), roff(v.short))
		}
	}
	write(".SH OPTIONS\n")
	for _, f := range p.flags {
		write(".TP\n%s\n%s\n", f.spelled(bold, italic), roff(f.usage))
	}
	if p.parent != nil {
		write(".PP\nThe options of every verb are in %s(1).\n", bold(p.parent.file()))
	}
	if p.example != "" {
		write(".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(p.example))
	}
	write(".SH EXIT STATUS\n")
	for _, code := range [][2]string{
		{"0", "success, also where there was nothing to do"},
		{"1", "failure"},
		{"2", "the command line or the configuration file is wrong; nothing was done"},
		{"3", "status --exit-code: migrations are pending"},
		{"4", "another run held the lock for too long"},
		{"130, 143", "stopped by SIGINT, by SIGTERM"},
	} {
		write(".TP\n%s\n%s\n", bold(code[0]), roff(code[1]))
	}
	if also := p.also(); len(also) > 0 {
		write(".SH SEE ALSO\n%s\n", strings.Join(also, ",\n"))
	}
	return b.String()
}

// also returns the pages that this one refers to.
func (p *page) also() []string {
	var all []string
	if p.parent != nil {
		all = append(all, bold(p.parent.file())+"(1)")
	}
	for _, v := range p.verbs {
		all = append(all, bold(v.file())+"(1)")
	}
	return all
}

func bold(text string) string   { return `\fB` + roff(text) + `\fR` }
func italic(text string) string { return `\fI` + roff(text) + `\fR` }

// roff makes a text fit for roff: neither a hyphen nor a line's first character
// is to be more than it is.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", "...").Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
