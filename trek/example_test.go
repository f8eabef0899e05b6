package trek_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// migrations would be an embed.FS, or a folder by source.RevisionDir.
var migrations = fstest.MapFS{
	"20240101_initial_up_users.sql":   {Data: []byte("CREATE TABLE users (name TEXT)")},
	"20240101_users_down_initial.sql": {Data: []byte("DROP TABLE users")},
	"20240215_users_up_emails.sql":    {Data: []byte("ALTER TABLE users ADD COLUMN email TEXT")},
}

// Name the revision that you want; the way is found, looked at, and gone.
func Example() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db := sqlitefile.Open(filepath.Join(dir, "app.db"))
	defer db.Close()
	if err := db.Create(ctx); err != nil {
		log.Fatal(err)
	}

	planned, err := trek.Plan(ctx, db, source.Revisions(migrations), "emails", trek.Up)
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range planned.Steps {
		fmt.Println(step.Direction, step.From, step.To)
	}
	if _, err := trek.Execute(ctx, db, planned); err != nil {
		log.Fatal(err)
	}
	at, err := trek.Current(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("at", at)
	// Output:
	// up initial users
	// up users emails
	// at emails
}

// To plans and goes in one call. With the direction left open it goes up or
// down, wherever the revision lies.
func ExampleTo() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db := sqlitefile.Open(filepath.Join(dir, "app.db"))
	defer db.Close()
	if err := db.Create(ctx); err != nil {
		log.Fatal(err)
	}
	edges := source.Revisions(migrations).With(source.Edge{
		Direction: migration.Down, From: "emails", To: "users",
		Func: migration.Func(func(ctx context.Context, tx migration.Tx) error {
			_, err := tx.ExecContext(ctx, "ALTER TABLE users DROP COLUMN email")
			return err
		}),
	})
	for _, revision := range []migration.Revision{"emails", "initial"} {
		report, err := trek.To(ctx, db, edges, revision, trek.Open)
		if err != nil {
			log.Fatal(err)
		}
		for _, done := range report.Applied {
			fmt.Println(done.Step.File())
		}
	}
	// Output:
	// 20240101_initial_up_users.sql
	// 20240215_users_up_emails.sql
	// emails_down_users.go
	// 20240101_users_down_initial.sql
}
