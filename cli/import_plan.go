package cli

import (
	"fmt"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/importer"
)

// planImport fills in what is going to be done, and tells it. at is the version
// of ours that the database stands at, or -1 where none is looked at.
func (a *app) planImport(out *ImportOutput, folder *importer.Folder, at int) {
	out.Migrations, out.NotCarried = []ImportedObject{}, []NotCarriedObject{}
	if at >= 0 {
		version := int64(at)
		out.Version = &version
	}
	width := 0
	for _, m := range folder.Migrations {
		o := ImportedObject{Version: int64(m.Number), Theirs: m.Version, File: m.UpFile(), Sources: m.Files}
		if m.Down != nil {
			o.Rollback = m.DownFile()
		}
		switch {
		case at >= m.Number:
			o.State = rowApplied
		case at >= 0:
			o.State = rowPending
		}
		out.Migrations = append(out.Migrations, o)
		width = max(width, len(o.File))
	}
	say := a.result
	if out.DryRun {
		say = a.answer
	}
	for _, o := range out.Migrations {
		words := []string{fmt.Sprintf("%-*s", width, clean(o.File)), "from " + clean(strings.Join(o.Sources, ", "))}
		if o.Rollback == "" {
			words = append(words, "(no rollback)")
		}
		if o.State != "" {
			words = append(words, "- "+o.State)
		}
		say("%s", strings.Join(words, " "))
	}
	if folder.Renumbered {
		say("the versions of %s don't fit our names: they are numbered anew, in order", folder.Tool)
	}
	for _, l := range folder.Left {
		o := NotCarriedObject{File: l.File, Reason: l.Reason}
		if l.Number > 0 {
			number := int64(l.Number)
			o.Version = &number
		}
		out.NotCarried = append(out.NotCarried, o)
		if !a.printer.quiet {
			a.alert(yellow, "not carried over:", clean(l.File)+": "+clean(l.Reason))
		}
	}
}

// The states of an imported migration.
const (
	rowApplied = "applied"
	rowPending = "pending"
)

// text writes nothing: what is going to be done is told before it is.
func (*ImportOutput) text(*printer) {}
