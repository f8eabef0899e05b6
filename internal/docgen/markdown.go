package main

import (
	"fmt"
	"strings"
)

// made stands at the head of each file.
const made = "written by make docs; change the command instead"

// markdown returns the page to be read in the repository.
func (p *page) markdown() string {
	var b strings.Builder
	write := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	write("<!-- %s -->\n\n# %s\n\n%s.\n\n    %s\n\n", made, p.name, p.short, p.use)
	for _, paragraph := range p.text {
		write("%s\n\n", paragraph)
	}
	if p.example != "" {
		write("For example:\n\n")
		for line := range strings.Lines(p.example) {
			write("  %s\n", strings.TrimRight(line, "\n"))
		}
		write("\n")
	}
	if len(p.verbs) > 0 {
		write("## Verbs\n\n| verb | does |\n|---|---|\n")
		for _, v := range p.verbs {
			write("| [%s](%s.md) | %s |\n", strings.TrimPrefix(v.name, p.name+" "), v.file(), cell(v.short))
		}
		write("\n")
	}
	write("## Flags\n\n| flag | does |\n|---|---|\n")
	same := func(text string) string { return text }
	for _, f := range p.flags {
		write("| `%s` | %s |\n", f.spelled(same, same), cell(f.usage))
	}
	if p.parent != nil {
		write("\nAnd those of [every verb](%s.md#flags).\n", p.parent.file())
	}
	write("\n[The command line](../CLI.md) tells what scripts may rely on: exit codes, JSON, settings.\n")
	return b.String()
}

// cell makes a text fit for a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
