package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// patterns are the files that are written, all of them, below the folder of the
// documents.
var patterns = []string{"cli/*.md", "man/*.1"}

// files returns the text of each file by its name.
func files(root *cobra.Command) map[string]string {
	all := map[string]string{}
	for _, p := range pages(root) {
		all["cli/"+p.file()+".md"] = p.markdown()
		all["man/"+p.file()+".1"] = p.man()
	}
	return all
}

// page is what there is to say of a command.
type page struct {
	name, short, use string
	text             []string // paragraphs
	example          string
	flags            []flag
	parent           *page
	verbs            []*page
}

// flag is one flag as help has it.
type flag struct{ name, short, value, usage string }

// pages returns the page of the program and those of its verbs.
func pages(root *cobra.Command) []*page {
	top := newPage(root, nil)
	all := []*page{top}
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			verb := newPage(c, top)
			top.verbs = append(top.verbs, verb)
			all = append(all, verb)
		}
	}
	return all
}

func newPage(c *cobra.Command, parent *page) *page {
	p := &page{name: c.CommandPath(), short: c.Short, use: c.UseLine(), parent: parent}
	if parent == nil {
		p.use = c.Name() + " VERB [flags]"
	}
	if long := strings.TrimSpace(c.Long); long != "" {
		p.text = strings.Split(long, "\n\n")
	}
	p.example = strings.TrimRight(c.Example, "\n")
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			p.flags = append(p.flags, newFlag(f))
		}
	})
	return p
}

func newFlag(f *pflag.Flag) flag {
	value, usage := pflag.UnquoteUsage(f)
	switch f.DefValue {
	case "", "0", "0s", "false", "[]":
	default:
		usage += fmt.Sprintf(" (default %s)", f.DefValue)
	}
	return flag{f.Name, f.Shorthand, value, usage}
}

// spelled returns a flag as it is written, its names and its value each marked by
// the functions given.
func (f flag) spelled(name, value func(string) string) string {
	text := name("--" + f.name)
	if f.short != "" {
		text = name("-"+f.short) + ", " + text
	}
	if f.value != "" {
		text += " " + value(f.value)
	}
	return text
}

// file returns the name of the page's file, without its ending.
func (p *page) file() string { return strings.ReplaceAll(p.name, " ", "-") }
