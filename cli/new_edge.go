package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// edgeFlags say which edge of a graph is to be written.
type edgeFlags struct {
	from, to string
	down     bool
}

func (f *edgeFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.from, "from", "", "of a graph: the `REVISION` that the edge leaves")
	c.Flags().StringVar(&f.to, "to", "", "of a graph: the `REVISION` that it leads to")
	c.Flags().BoolVar(&f.down, "down", false, "of a graph: it leads down")
}

func (f edgeFlags) given() bool { return f.from != "" || f.to != "" || f.down }

// edge returns what the flags say.
func (f edgeFlags) edge() source.Edge {
	e := source.Edge{From: migration.Revision(f.from), To: migration.Revision(f.to)}
	if f.down {
		e.Direction = migration.Down
	}
	return e
}

// writeEdge writes the file of an edge and, where that is asked for, of the one
// that leads back.
func (a *app) writeEdge(name string, kind migration.Kind, rollback bool, f edgeFlags, out *FilesOutput) error {
	switch {
	case f.from == "" || f.to == "":
		return &usageError{
			message: "new takes --from and --to for a graph of revisions: " + a.settings.folder,
			hint:    a.config.Name + " new --from initial --to rev1",
		}
	case name != "":
		return wrongUsage("new takes no name with --from and --to, and there is %q", name)
	case kind != migration.KindSQL:
		return wrongUsage("--ext %s: the edges of a graph are SQL, or Go functions", kind)
	case rollback && f.down:
		return wrongUsage("--rollback and --down exclude each other: an edge that leads down is the way back")
	}
	edges := []source.Edge{f.edge()}
	if rollback {
		edges = append(edges, source.Edge{Direction: migration.Down, From: edges[0].To, To: edges[0].From})
	}
	var files []draft
	for _, e := range edges {
		words := strings.Join([]string{string(e.From), e.Direction.String(), string(e.To)}, "_")
		file := time.Now().Format("20060102") + "_" + words + "." + string(kind)
		if read, _, ok := source.ParseRevision(file); !ok || read.From != e.From || read.To != e.To {
			return wrongUsage("%s would not be read as leading from %s to %s: revisions have letters, digits and _, and no _up_ or _down_", file, e.From, e.To)
		}
		files = append(files, draft{filepath.Join(a.settings.folder, file), strings.ReplaceAll(edgeTemplate, "LABEL", words)})
	}
	if err := a.fits(edges); err != nil {
		return err
	}
	return out.write(files)
}

// fits returns an error where edges do not belong into the folder: it has
// numbered files, or it has such an edge already, or no file knows where an edge
// begins.
func (a *app) fits(edges []source.Edge) error {
	known := map[migration.Revision]bool{migration.Initial: true}
	entries, _ := os.ReadDir(a.settings.folder) // a folder that is not there is made
	for _, entry := range entries {
		name := entry.Name()
		if _, _, _, ok := source.Parse(name); ok {
			return wrongUsage("%s has numbered files, such as %s; keep a graph of revisions in a folder of its own", a.settings.folder, name)
		}
		there, _, ok := source.ParseRevision(name)
		if !ok {
			continue
		}
		known[there.From], known[there.To] = true, true
		for _, e := range edges {
			if there.Direction == e.Direction && there.From == e.From && there.To == e.To {
				return fmt.Errorf("there is an edge %s from %s to %s already: %s", e.Direction, e.From, e.To, filepath.Join(a.settings.folder, name))
			}
		}
	}
	if from := edges[0].From; !known[from] {
		return &usageError{
			message: fmt.Sprintf("no file knows the revision %s, so that nothing would lead to the edge", from),
			hint:    "write the edge that leads to " + string(from) + " first",
		}
	}
	return nil
}
