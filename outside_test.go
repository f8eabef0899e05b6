package fastmigrate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// outsideProgram is a program as a user writes it, in a module of its own.
const outsideProgram = `package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/source"
)

//go:embed migrations
var embedded embed.FS

func main() {
	ctx := context.Background()
	db := sqlitefile.Open("app.db")
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	folder, err := fs.Sub(embedded, "migrations")
	if err != nil {
		log.Fatal(err)
	}
	if err := fastmigrate.RunMigrations(ctx, db, source.FS(folder)); err != nil {
		log.Fatal(err)
	}
	version, err := fastmigrate.Version(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("version %d\n", version)
}
`

// userModule is a module outside of this one, with what this one exports and
// requires, which is built without asking the network.
type userModule struct {
	*testing.T
	dir string
}

func newUserModule(t *testing.T) *userModule {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program")
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	u := &userModule{t, t.TempDir()}
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	// The versions that this module requires are those that are at hand.
	_, requires, _ := strings.Cut(string(mod), "require (")
	u.write("go.mod", "module example.com/app\n\ngo 1.26.0\n\nrequire github.com/fastmigrate/fastmigrate v0.0.0\n\n"+
		"replace github.com/fastmigrate/fastmigrate => "+here+"\n\nrequire ("+requires)
	u.write("go.sum", string(sums))
	return u
}

// write writes a file of the module.
func (u *userModule) write(name, text string) {
	u.Helper()
	path := filepath.Join(u.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		u.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		u.Fatal(err)
	}
}

// command runs a program in the module's folder and returns what it printed.
func (u *userModule) command(name string, args ...string) string {
	u.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = u.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
	out, err := cmd.CombinedOutput()
	if err != nil {
		u.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// carries fails where the program carries one of the packages or modules.
func (u *userModule) carries(not ...string) {
	u.Helper()
	carried := u.command("go", "list", "-deps", ".")
	for _, path := range not {
		if strings.Contains(carried, path) {
			u.Errorf("the program carries %s", path)
		}
	}
}

func TestOutsideModule(t *testing.T) {
	u := newUserModule(t)
	u.write("main.go", outsideProgram)
	u.write("migrations/0001-init.sql", "CREATE TABLE notes (id INTEGER PRIMARY KEY);")
	u.command("go", "build", "-buildvcs=false", "-o", "app", ".")
	for range 2 {
		if got := u.command("./app"); got != "version 1\n" {
			t.Errorf("the program said %q", got)
		}
	}
	// What it carries: one driver, and no command line.
	u.carries("github.com/spf13/cobra", "github.com/mattn/go-sqlite3", "github.com/jedib0t/go-pretty", arrowModule+"/cli")
}

// The migration binary that docs/go-migrations.md shows is a user's whole
// program: it has the verbs, over its own functions, and one driver.
func TestOutsideMigrationBinary(t *testing.T) {
	guide, err := os.ReadFile("docs/go-migrations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(guide), "```go\n// Command migrate")
	program, _, _ = strings.Cut(program, "```")
	u := newUserModule(t)
	u.write("main.go", "// Command migrate"+program)
	u.command("go", "build", "-buildvcs=false", "-o", "migrate", ".")
	for _, step := range []struct{ args, want string }{
		{"up --create", "created app.db\napplied 0 create_cats (N ms)\napplied 1 add_hats (N ms)\napp.db is at function 1 (2 migrations applied in N ms)\n"},
		{"to 0", "rolled back 1 add_hats (N ms)\napp.db is at function 0 (1 migration rolled back in N ms)\n"},
		{"plan", "app.db goes from function 0 to 1 by 1 migration\n  up  1 add_hats  function  transaction 1 (is a Go function, which is called once)\n"},
		{"status", "ID  NAME         STATE    APPLIED AT\n0   create_cats  applied  TIME\n1   add_hats     pending\n\napp.db is at function 0, 1 migration pending\n"},
	} {
		got := u.command("./migrate", strings.Fields(step.args)...)
		got = regexp.MustCompile(`\d+ ms`).ReplaceAllString(got, "N ms")
		got = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`).ReplaceAllString(got, "TIME")
		if got != step.want {
			t.Errorf("migrate %s\n got: %s\nwant: %s", step.args, got, step.want)
		}
	}
	u.carries("github.com/mattn/go-sqlite3", "github.com/jackc/pgx", "github.com/go-sql-driver/mysql", arrowModule+"/connect",
		arrowModule+"/backend/postgres", arrowModule+"/backend/mysql", arrowModule+"/backend/pyconfig")
}
