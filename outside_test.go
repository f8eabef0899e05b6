package fastmigrate_test

import (
	"os"
	"os/exec"
	"path/filepath"
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

// A user's program is built from a module outside of this one, with what this
// one exports and requires, and without asking the network.
func TestOutsideModule(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
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
	write("go.mod", "module example.com/app\n\ngo 1.26.0\n\nrequire github.com/fastmigrate/fastmigrate v0.0.0\n\n"+
		"replace github.com/fastmigrate/fastmigrate => "+here+"\n\nrequire ("+requires)
	write("go.sum", string(sums))
	write("main.go", outsideProgram)
	write("migrations/0001-init.sql", "CREATE TABLE notes (id INTEGER PRIMARY KEY);")

	command := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	command("go", "build", "-buildvcs=false", "-o", "app", ".")
	for range 2 {
		if got := command("./app"); got != "version 1\n" {
			t.Errorf("the program said %q", got)
		}
	}
	// What it carries: one driver, and no command line.
	carried := command("go", "list", "-deps", ".")
	for _, not := range []string{"github.com/spf13/cobra", "github.com/mattn/go-sqlite3", "github.com/jedib0t/go-pretty", arrowModule + "/cli"} {
		if strings.Contains(carried, not) {
			t.Errorf("the program carries %s", not)
		}
	}
}
