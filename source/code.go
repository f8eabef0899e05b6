package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Code is a migration in Go that stands beside numbered files.
type Code struct {
	Version migration.Version
	Name    string // the description, as in a file's name: "add-tags"
	Up      migration.Callable
	Down    migration.Callable // nil when nothing leads back
}

// Edge is a migration in Go that stands beside the files of a graph. It takes
// the place of a .py file between the same revisions.
type Edge struct {
	Direction migration.Direction
	From, To  migration.Revision
	Func      migration.Callable
}

// With returns the same files with migrations in Go among them.
func (f *Files) With(code ...Code) *Files {
	with := f.copy()
	with.code = append(slices.Clone(f.code), code...)
	return with
}

// numbered returns the two bodies of a migration in Go, as files would be.
func (c Code) numbered() (up, down numbered) {
	label := migration.Migration{Version: c.Version, Name: c.Name}.Label()
	file := label + "." + string(migration.KindGo)
	up = numbered{c.Version, file, &code{c.Name, &migration.Go{Name: file, Func: c.Up}}}
	if c.Down != nil {
		file = RollbackFolder + "/" + file
		down = numbered{c.Version, file, &code{c.Name, &migration.Go{Name: file, Func: c.Down}}}
	}
	return up, down
}

// With returns the same files with migrations in Go among them.
func (f *RevisionFiles) With(edges ...Edge) *RevisionFiles {
	return &RevisionFiles{folder: f.folder, edges: append(slices.Clone(f.edges), edges...)}
}

// migration returns an edge in Go as the migration that it is.
func (e Edge) migration() (migration.Migration, error) {
	m := migration.Migration{
		Name: strings.Join([]string{string(e.From), e.Direction.String(), string(e.To)}, "_"),
		From: e.From, To: e.To,
	}
	if e.From == "" || e.To == "" || e.Func == nil {
		return m, &migration.Error{
			Op: "read migrations", Err: fmt.Errorf("an edge in Go from %q to %q is not complete", e.From, e.To),
			Hint: "give it both revisions and a function",
		}
	}
	lead(&m, e.Direction, &migration.Go{Name: m.Name + "." + string(migration.KindGo), Func: e.Func})
	return m, nil
}
