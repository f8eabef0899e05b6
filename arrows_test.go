package fastmigrate_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const arrowModule = "github.com/fastmigrate/fastmigrate"

// arrowTable says which rooms of this module each room may import. It is the table of docs/ARCHITECTURE.md: change
// both together. The root package is "."; everything below examples/ is the one room "examples".
//
// Knowledge flows one way, as the work does: source -> plan -> run -> report. A room that knows what stands to its
// left can no longer be used, tested or replaced without it.
var arrowTable = map[string][]string{
	// The nouns. Everyone speaks them, so they may depend on no one.
	"migration": {},

	// Reading files needs the nouns only; it must work with no database in sight.
	"source": {"migration"},

	// Pure functions: no files and no database, so that every plan can be tested by a table.
	"plan": {"migration"},

	// Interfaces that a database satisfies. They know no concrete database, and not who calls them. The lock is that of
	// Hooks, which have none of their own.
	"backend": {"migration", "internal/filelock", "internal/fault"},

	// SQLite over the caller's own connection: no driver, so that an application brings its own.
	"backend/sqlite": {"backend", "migration", "internal/sqlscan", "internal/segment", "internal/fault", "internal/history", "internal/filelock", "internal/newfile", "internal/rawfile", "internal/sqldef"},

	// The only room that imports a database driver (see arrowsOutside).
	"backend/sqlite/sqlitefile": {"backend", "backend/sqlite"},

	// One server each, with its own driver.
	"backend/postgres": {"backend", "migration", "internal/sqlscan", "internal/segment", "internal/fault", "internal/history"},
	"backend/mysql":    {"backend", "migration", "internal/sqlscan", "internal/segment", "internal/fault", "internal/history"},

	// Any database, through the functions in a user's config.py.
	"backend/pyconfig": {"backend", "migration", "internal/pyhost", "internal/filelock"},

	// The conformance suite drives a whole run, over the interfaces alone.
	"backend/backendtest": {"backend", "migration", "plan", "run", "source"},

	// Order, lock, outside programs and events, over the interfaces: a new backend must not change it.
	"run": {"migration", "plan", "backend", "internal/script"},

	// The public face. No concrete backend: a user's program carries only the driver that it opens.
	".": {"migration", "source", "plan", "backend", "run", "internal/newfile"},

	// The second door in one call, on SQLite: it opens the file with the driver that we ship.
	"fastlite": {".", "migration", "source", "backend", "backend/sqlite", "backend/sqlite/sqlitefile"},

	// The third door in the words of the tool that it comes from, over any backend.
	"trek": {".", "migration", "source", "plan", "backend"},

	// Picks the backend by what it is given; the one place that knows them all.
	"connect": {".", "backend", "backend/sqlite", "backend/sqlite/sqlitefile", "backend/postgres", "backend/mysql",
		"backend/pyconfig", "migration", "source"},

	// The commands, over the public face and the rooms that do no work of their own. Ways to open a database are
	// passed in as values, so that an application's own migration binary carries only its own driver.
	"cli": {".", "migration", "source", "plan", "run", "backend", "internal/argparse", "internal/configparser",
		"internal/importer", "internal/newfile", "schemadiff"},

	// Compares schemas, over what any SQLite backend tells of its own.
	"schemadiff": {"backend", "migration", "internal/sqldef"},

	// The only room that joins the commands and the backends.
	"cmd/fastmigrate": {"cli", "connect", "backend"},

	// Programs for those who build this one: the reference of the commands, and the archives of a release.
	"internal/docgen": {"cli"},
	"internal/dist":   {"cli"},

	// Tools behind the rooms. They are pure, or know the nouns only, so that each is tested on its own.
	"internal/sqlscan":      {},
	"internal/segment":      {"migration", "internal/fault", "internal/sqlscan"},
	"internal/fault":        {"migration"},
	"internal/sqldef":       {"internal/sqlscan"},
	"internal/newfile":      {},
	"internal/argparse":     {},
	"internal/configparser": {},
	"internal/history":      {"migration"},
	"internal/importer":     {"migration"},
	"internal/script":       {"migration"},
	"internal/filelock":     {"migration"},
	"internal/rawfile":      {},
	"internal/pyhost":       {"migration", "internal/script"}, // which Python it is, they decide alike

	// Servers for the tests of other rooms.
	"internal/testdb": {},

	// Programs as a user would write them: the public rooms, and nothing internal.
	"examples": {".", "migration", "source", "plan", "backend", "backend/sqlite", "backend/sqlite/sqlitefile", "run", "connect", "cli",
		"fastlite", "trek"},
}

// arrowsOutside names the modules of others that only some rooms may import.
var arrowsOutside = []struct {
	module string // the module's path; its packages are meant too
	rooms  []string
	reason string
}{
	{"modernc.org/sqlite", []string{"backend/sqlite/sqlitefile"}, "an importer of any other room must be free to bring its own driver"},
	{"github.com/mattn/go-sqlite3", []string{"backend/sqlite/sqlitefile"}, "two SQLite libraries in one process break each other's locks"},
	{"github.com/jackc/pgx/v5", []string{"backend/postgres", "internal/testdb"}, "an importer of any other room must not carry it"},
	{"github.com/go-sql-driver/mysql", []string{"backend/mysql", "internal/testdb"}, "an importer of any other room must not carry it"},
	{"github.com/spf13/cobra", []string{"cli", "internal/docgen"}, "the library must not bring a command line into a user's program"},
	{"github.com/spf13/pflag", []string{"cli", "internal/docgen"}, "the library must not bring a command line into a user's program"},
}

// TestArrows reads the imports of every Go file of the module and fails on one that the tables above do not allow.
// It parses the files itself: `go list` would be answered for by the test cache, and would see one set of build tags.
func TestArrows(t *testing.T) {
	faults, files, err := arrowFaults(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
	if files == 0 {
		t.Error("no Go files found; the test must run in the module's root folder")
	}
}

// TestArrowsChecker shows the checker modules with faults, so that its silence in TestArrows means something.
func TestArrowsChecker(t *testing.T) {
	imports := func(paths ...string) *fstest.MapFile {
		text := "//go:build sometag\n\npackage x\n\n"
		for _, p := range paths {
			text += fmt.Sprintf("import _ %q\n", p)
		}
		return &fstest.MapFile{Data: []byte(text)}
	}
	tests := []struct {
		name string
		fsys fstest.MapFS
		want string // part of the only fault; empty for none
	}{
		{"allowed arrow", fstest.MapFS{"plan/plan.go": imports(arrowModule+"/migration", "strings")}, ""},
		{"arrow to the left", fstest.MapFS{"migration/a.go": imports(arrowModule + "/plan")},
			`migration/a.go: "migration" may not import "plan"`},
		{"arrow to the root", fstest.MapFS{"run/a.go": imports(arrowModule)}, `"run" may not import "."`},
		{"root on a concrete backend", fstest.MapFS{"a.go": imports(arrowModule + "/backend/sqlite")},
			`a.go: "." may not import "backend/sqlite"`},
		{"room not in the table", fstest.MapFS{"util/a.go": imports("strings")}, "docs/ARCHITECTURE.md"},
		{"folder below a room is not that room", fstest.MapFS{"plan/deep/a.go": imports()}, `"plan/deep" is in no row`},
		{"driver in the library", fstest.MapFS{"backend/sqlite/a.go": imports("modernc.org/sqlite/lib")},
			`"backend/sqlite" may not import "modernc.org/sqlite/lib"`},
		{"driver in its room", fstest.MapFS{"backend/sqlite/sqlitefile/a.go": imports("github.com/mattn/go-sqlite3")}, ""},
		{"module with a like name", fstest.MapFS{"plan/a.go": imports("modernc.org/sqlitex", arrowModule+"x/cli")}, ""},
		{"cobra outside cli", fstest.MapFS{"connect/a.go": imports("github.com/spf13/cobra")}, `may not import "github.com/spf13/cobra"`},
		{"example on an internal room", fstest.MapFS{"examples/a/b/main.go": imports(arrowModule + "/internal/sqlscan")},
			`"examples" may not import "internal/sqlscan"`},
		{"tests may import anything", fstest.MapFS{"migration/a_test.go": imports(arrowModule+"/cli", "modernc.org/sqlite")}, ""},
		{"folders that are not of the module", fstest.MapFS{
			"bench/go.mod":           {Data: []byte("module bench\n")},
			"bench/deep/a.go":        imports(arrowModule + "/cli"),
			"plan/testdata/a.go":     imports(arrowModule + "/cli"),
			".cache/a.go":            imports(arrowModule + "/cli"),
			"plan/_old/a.go":         imports(arrowModule + "/cli"),
			"migration/migration.go": imports(),
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults, _, err := arrowFaults(tt.fsys)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case tt.want == "" && len(faults) > 0:
				t.Errorf("faults = %q, want none", faults)
			case tt.want != "" && (len(faults) != 1 || !strings.Contains(faults[0], tt.want)):
				t.Errorf("faults = %q, want one with %q", faults, tt.want)
			}
		})
	}
}

// arrowFaults returns a line for every import in the module at fsys that the tables forbid, whatever the build tags of
// its file, and the number of files that it read. Test files are free: the compiler keeps them from making cycles.
func arrowFaults(fsys fs.FS) (faults []string, files int, err error) {
	strangers := map[string]bool{} // rooms not in the table, told once each
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if arrowSkips(fsys, name) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files++
		room := arrowRoom(path.Dir(name))
		allowed, known := arrowTable[room]
		if !known {
			if !strangers[room] {
				strangers[room] = true
				faults = append(faults, fmt.Sprintf("%s: %q is in no row of the table: add it, with the reason, to arrowTable "+
					"in arrows_test.go and to docs/ARCHITECTURE.md", name, room))
			}
			return nil
		}
		imports, err := arrowImports(fsys, name)
		for _, imported := range imports {
			if fault := arrowFault(room, allowed, imported); fault != "" {
				faults = append(faults, name+": "+fault)
			}
		}
		return err
	})
	return faults, files, err
}

// arrowSkips reports whether the folder holds no package of this module: the go command passes over the same ones.
func arrowSkips(fsys fs.FS, folder string) bool {
	if folder == "." {
		return false
	}
	base := path.Base(folder)
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := fs.Stat(fsys, path.Join(folder, "go.mod"))
	return err == nil
}

// arrowRoom returns the room that the folder belongs to.
func arrowRoom(folder string) string {
	if strings.HasPrefix(folder, "examples/") {
		return "examples"
	}
	return folder
}

// arrowImports returns the paths that the Go file imports.
func arrowImports(fsys fs.FS, name string) ([]string, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		paths = append(paths, imported)
	}
	return paths, nil
}

// arrowFault says why the room may not import the path, or returns "" where it may.
func arrowFault(room string, allowed []string, imported string) string {
	if below, ours := arrowBelow(arrowModule, imported); ours {
		if slices.Contains(allowed, arrowRoom(below)) {
			return ""
		}
		return fmt.Sprintf("%q may not import %q; it may import %q", room, below, allowed)
	}
	for _, rule := range arrowsOutside {
		if _, of := arrowBelow(rule.module, imported); of && !slices.Contains(rule.rooms, room) {
			return fmt.Sprintf("%q may not import %q, only %q may: %s", room, imported, rule.rooms, rule.reason)
		}
	}
	return ""
}

// arrowBelow returns the folder of the imported package within the module, and whether it is of the module at all.
func arrowBelow(module, imported string) (folder string, ok bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}
