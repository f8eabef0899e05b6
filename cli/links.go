package cli

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// linksCommand is the verb that makes the five executables of the Python tool.
func (a *app) linksCommand() *cobra.Command {
	names := slices.Sorted(maps.Keys(compatPrograms()))
	c := a.newVerb(groupSetUp, "links DIR", "Make the five fastmigrate_* executables", oneArgument("the folder"),
		func(_ context.Context, args []string) (outcome, error) { return links(args[0], names) })
	c.Long = `Makes, in the folder DIR, the executables that the Python tool fastmigrate had, as
links to this program: ` + strings.Join(names, ", ") + `.
A file that is no link to this program is never replaced.`
	return c
}

// links makes a link of each name in the folder.
func links(dir string, names []string) (outcome, error) {
	out := &LinksOutput{Links: []LinkObject{}}
	program, err := os.Executable()
	if err == nil {
		program, err = filepath.EvalSymlinks(program)
	}
	if err != nil {
		return out, fmt.Errorf("find this program: %w", err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return out, fmt.Errorf("make the folder: %w", err)
	}
	out.Program = program
	var todo []LinkObject
	for _, name := range names {
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		state, err := linkState(filepath.Join(dir, name), program)
		if err != nil {
			return out, err // before anything is changed
		}
		todo = append(todo, LinkObject{Path: filepath.Join(dir, name), State: state})
	}
	for _, l := range todo {
		if err := makeLink(l, program); err != nil {
			return out, err
		}
		out.Links = append(out.Links, l)
	}
	return out, nil
}

// text writes a line for each link.
func (o *LinksOutput) text(p *printer) {
	for _, l := range o.Links {
		p.result("%s %s", l.State, l.Path)
	}
}
