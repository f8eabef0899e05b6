package source

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/fastmigrate/fastmigrate/migration"
)

// dateDigits is how many digits the name of an edge begins with.
const dateDigits = 8

// RevisionFiles is a folder of files that are the edges of a graph of
// revisions.
type RevisionFiles struct {
	folder
	edges []Edge
}

// Revisions returns the edges at the root of fsys, such as an [embed.FS]
// narrowed by [fs.Sub].
func Revisions(fsys fs.FS) *RevisionFiles { return &RevisionFiles{folder: folder{fsys: fsys}} }

// RevisionDir returns the edges in a folder on disk.
func RevisionDir(dir string) *RevisionFiles {
	return &RevisionFiles{folder: folder{fsys: os.DirFS(dir), dir: dir}}
}

// Kind returns [migration.Revisions].
func (f *RevisionFiles) Kind() string { return migration.Revisions }

// Migrations reads the folder's names and returns its edges, in order of the
// names, with those in Go behind them. It fails where the folder can't be read,
// where a matching link leads nowhere, and where a .py file has no function that
// takes its place.
func (f *RevisionFiles) Migrations() ([]migration.Migration, error) {
	entries, err := f.entries(".")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	var edges []migration.Migration
	for _, entry := range entries {
		edge, kind, ok := ParseRevision(entry.Name())
		if !ok {
			continue
		}
		if regular, err := f.regular(".", entry); err != nil {
			return nil, err
		} else if !regular {
			continue
		}
		if kind != migration.KindSQL {
			if !f.inGo(edge) {
				return nil, unregistered(entry.Name(), edge)
			}
			continue
		}
		m := migration.Migration{Name: strings.TrimSuffix(entry.Name(), "."+string(kind)), From: edge.From, To: edge.To}
		lead(&m, edge.Direction, f.body(entry.Name(), entry.Name(), kind))
		edges = append(edges, m)
	}
	for _, e := range f.edges {
		m, err := e.migration()
		if err != nil {
			return nil, err
		}
		edges = append(edges, m)
	}
	return edges, nil
}

// lead makes a body the one that an edge leads by.
func lead(m *migration.Migration, d migration.Direction, body migration.Body) {
	if d == migration.Down {
		m.Down = body
	} else {
		m.Up = body
	}
}

// inGo says whether a function takes the place of an edge's file.
func (f *RevisionFiles) inGo(edge Edge) bool {
	for _, e := range f.edges {
		if e.Direction == edge.Direction && e.From == edge.From && e.To == edge.To {
			return true
		}
	}
	return false
}

func unregistered(name string, e Edge) error {
	direction := "migration.Up"
	if e.Direction == migration.Down {
		direction = "migration.Down"
	}
	return &migration.Error{
		Op: "read migrations", Origin: migration.Origin{File: name},
		Err: fmt.Errorf("edges of a graph are SQL or Go, and no function is registered in place of this one%w", quiet{migration.ErrUnsupported}),
		Hint: fmt.Sprintf("write it in SQL, or register a function in a program of your own: source.Revisions(…).With(source.Edge{Direction: %s, From: %q, To: %q, Func: …})",
			direction, e.From, e.To),
	}
}

// ParseRevision takes the name of an edge apart: "20240131_rev1_up_rev2.sql"
// leads up from rev1 to rev2. Where a name can be split in several ways the
// last one holds, as in the Python tool asyncpg-trek. ok is false for a name that
// does not keep the rule.
func ParseRevision(name string) (edge Edge, kind migration.Kind, ok bool) {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || len(name) <= dateDigits || name[dateDigits] != '_' {
		return edge, "", false
	}
	for i := range dateDigits {
		if name[i] < '0' || name[i] > '9' {
			return edge, "", false
		}
	}
	kind = migration.Kind(name[dot+1:])
	words := name[dateDigits+1 : max(dot, dateDigits+1)]
	if kind != migration.KindSQL && kind != migration.KindPython || strings.ContainsFunc(words, notInWord) {
		return edge, "", false
	}
	split := -1
	for _, d := range []migration.Direction{migration.Up, migration.Down} {
		between := "_" + d.String() + "_"
		for end := len(words) - 1; ; { // something must be left behind it
			at := strings.LastIndex(words[:max(end, 0)], between)
			if at < 0 {
				break
			}
			if at > split && at > 0 && at+len(between) < len(words) {
				split = at
				edge = Edge{Direction: d, From: migration.Revision(words[:at]), To: migration.Revision(words[at+len(between):])}
			}
			end = at + len(between) - 1
		}
	}
	return edge, kind, split > 0
}

// notInWord says that a character can't stand in the name of a revision.
func notInWord(r rune) bool {
	return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsNumber(r)
}
