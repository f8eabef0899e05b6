package importer

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Tool is a tool whose migrations can be taken over.
type Tool string

// The tools.
const (
	Goose         Tool = "goose"
	GolangMigrate Tool = "golang-migrate"
	Dbmate        Tool = "dbmate"
)

// Tools returns the names of all tools.
func Tools() []string { return []string{string(Goose), string(GolangMigrate), string(Dbmate)} }

// Parse returns the tool of a name.
func Parse(name string) (Tool, error) {
	if !slices.Contains(Tools(), name) {
		return "", fmt.Errorf("%q is none of %s", name, strings.Join(Tools(), ", "))
	}
	return Tool(name), nil
}

// DefaultTable is the name of the table in which the tool keeps what is applied,
// unless the user chose another.
func (t Tool) DefaultTable() string {
	if t == Goose {
		return "goose_db_version"
	}
	return "schema_migrations"
}

// Migration is one migration of the other tool's in our terms.
type Migration struct {
	Number  int    // ours
	Version string // theirs, as the file's name has it
	Title   string
	Files   []string // theirs
	Up      []byte   // the text of our file
	Down    []byte   // the text of our rollback script; nil where nothing leads back
	Left    string   // why the original could not be carried over, so that Up is a script that stops
}

// UpFile returns the name of our file.
func (m Migration) UpFile() string { return fmt.Sprintf("%04d-%s.sql", m.Number, m.Title) }

// DownFile returns the name of our rollback script, with its folder.
func (m Migration) DownFile() string { return path.Join("rollback", m.UpFile()) }

// Left is a file of theirs that was not carried over, or not in full.
type Left struct {
	File   string
	Number int // of the migration that it belongs to; 0 for none
	Reason string
}

// Folder is what became of a folder of another tool's.
type Folder struct {
	Tool       Tool
	Migrations []Migration // in order
	Left       []Left
	Renumbered bool // our numbers are others than theirs
}

// Read reads the migrations at the root of fsys. It fails where the folder
// can't be read or has none, where two files have one version, and where there
// are more than our numbers can tell.
func Read(fsys fs.FS, t Tool) (*Folder, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("read the folder: %w", err)
	}
	f := &Folder{Tool: t}
	var found []draft
	for _, e := range entries {
		if info, err := fs.Stat(fsys, e.Name()); err != nil || !info.Mode().IsRegular() {
			continue
		}
		switch t {
		case Goose:
			found, err = f.goose(fsys, e.Name(), found)
		case GolangMigrate:
			found, err = f.golangMigrate(fsys, e.Name(), found)
		case Dbmate:
			found, err = f.dbmate(fsys, e.Name(), found)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, &migration.Error{
			Op: "import", Err: fmt.Errorf("there is no migration of %s in the folder", t),
			Hint: "name the folder of its files with --source, and the tool with --from",
		}
	}
	return f, f.number(found)
}

// draft is a migration of theirs before it has our number.
type draft struct {
	version  string // as it is written
	value    uint64 // what it is worth
	title    string
	files    []string
	up, down section
}

// section is what a file holds for one direction.
type section struct {
	there bool
	text  string
	bare  bool   // each statement is to stand for itself
	left  string // why it can't be carried over
	file  string
}

// empty says that there is no statement in it.
func (s section) empty() bool {
	for line := range strings.Lines(s.text) {
		if line = strings.TrimSpace(line); line != "" && line != ";" && !strings.HasPrefix(line, "--") {
			return false
		}
	}
	return true
}
