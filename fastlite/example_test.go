package fastlite_test

import (
	"context"
	"fmt"
	"log"

	"github.com/fastmigrate/fastmigrate/fastlite"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Open a database, say what its migrations are, and apply those that are
// missing. What went wrong with the last one is rolled back.
func Example() {
	db, err := fastlite.Database(":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.Add(0, "init_db", func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE TABLE cats (name PRIMARY KEY)")
		return err
	})
	db.Add(1, "add_dogs", func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE TABLE dogs (name PRIMARY KEY)")
		return err
	})

	ctx := context.Background()
	report, err := db.Migrate(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, done := range report.Applied {
		fmt.Println(done.Step.File())
	}

	db.AddRollback(1, "remove_dogs", func(ctx context.Context, tx migration.Tx) error {
		_, err := tx.ExecContext(ctx, "DROP TABLE dogs")
		return err
	})
	if _, err := db.Rollback(ctx); err != nil {
		log.Fatal(err)
	}
	last, err := db.LastApplied(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the last one is", last.ID, last.Name)
	// Output:
	// 0 init_db
	// 1 add_dogs
	// the last one is 0 init_db
}

// DatabaseWith leaves the journal mode as it is, where another program needs it
// so.
func ExampleDatabaseWith() {
	db, err := fastlite.DatabaseWith(":memory:", fastlite.Options{NoWAL: true})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").Scan(&tables); err != nil {
		log.Fatal(err)
	}
	fmt.Println(tables, "table")
	// Output: 1 table
}
