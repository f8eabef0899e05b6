package cli_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/cli"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// One call gives a program all verbs over the migrations in its code, on the
// databases that it opens itself.
func ExampleMain() {
	createCats := func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE TABLE cats (name TEXT)")
		return err
	}
	addHats := func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, "ALTER TABLE cats ADD COLUMN hats TEXT")
		return err
	}
	var migrations source.Functions
	migrations.Add(0, "create_cats", createCats).Add(1, "add_hats", addHats)

	os.Args = []string{"migrate", "up", "--create", "--dry-run"} // as a person types it
	cli.Main(cli.Config{
		Name:       "migrate",
		Migrations: &migrations,
		Open:       cli.OpenPath(sqlitefile.Open),
		Database:   "cats.db",
	}) // its result goes to os.Exit
	// Output:
	//   up  0 create_cats  function  transaction 1 (is a Go function, which is called once)
	//   up  1 add_hats     function  transaction 2 (is a Go function, which is called once)
	// cats.db would be at function 1 (2 migrations, nothing was written)
}

// The commands of a program that is called shop-migrate, for a generator of
// documentation or of completion scripts.
func ExampleCommand() {
	root := cli.Command(cli.Config{Name: "shop-migrate"})
	up, _, err := root.Find([]string{"up"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(up.CommandPath(), "-", up.Short)
	// Output: shop-migrate up - Apply the migrations above the database's version
}
