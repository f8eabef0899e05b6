package backend_test

import (
	"context"
	"fmt"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// The twenty-line backend: a database of one's own, here in memory.
func ExampleHooks() {
	var version migration.Version
	b := backend.Hooks{
		EnsureMeta: func(context.Context) error { return nil },
		Version:    func(context.Context) (migration.Version, error) { return version, nil },
		SetVersion: func(_ context.Context, v migration.Version) error { version = v; return nil },
		ExecSQL: func(_ context.Context, sql string) error {
			fmt.Print("executing ", sql)
			return nil
		},
	}.Backend()
	defer b.Close()

	err := fastmigrate.RunMigrations(context.Background(), b, folder(map[string]string{
		"0001-notes.sql": "CREATE TABLE notes (text);\n",
		"0002-tags.sql":  "CREATE TABLE tags (name);\n",
	}))
	fmt.Println(version, err)
	// Output:
	// executing CREATE TABLE notes (text);
	// executing CREATE TABLE tags (name);
	// 0002 <nil>
}
