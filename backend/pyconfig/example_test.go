package pyconfig_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
	"github.com/fastmigrate/fastmigrate/source"
)

// A database that Python has a driver for, by the hooks in the migrations
// folder.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	hooks := `
def get_connection(db): return {"version": 0}
def ensure_meta_table(conn): pass
def get_version(conn): return conn["version"]
def set_version(conn, version): conn["version"] = version
def execute_sql(conn, sql): print("executing", sql)
`
	_ = os.WriteFile(filepath.Join(dir, "config.py"), []byte(hooks), 0o600)
	_ = os.WriteFile(filepath.Join(dir, "0001-notes.sql"), []byte("CREATE TABLE notes (text)"), 0o600)

	ctx := context.Background()
	b, err := pyconfig.Open(ctx, dir, "anything", pyconfig.Options{Stdout: os.Stderr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	if err := fastmigrate.RunMigrations(ctx, b, source.Dir(dir)); err != nil {
		fmt.Println(err)
		return
	}
	version, err := fastmigrate.Version(ctx, b)
	fmt.Println(version, err)
	// Output: 0001 <nil>
}
