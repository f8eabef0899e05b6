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

// Cats have hats, as text; the hats get a table of their own, filled from the
// data, and the cats refer to it.
func Example_catsAndHats() {
	db, err := fastlite.Database(":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.Add(0, "create_cats", does(
		"CREATE TABLE cats (id INTEGER PRIMARY KEY, name TEXT, hats TEXT)",
		"INSERT INTO cats (name, hats) VALUES ('Tom', 'bowler'), ('Kitty', 'fez'), ('Felix', 'bowler')",
	))
	db.Add(1, "give_hats_a_table", does(
		"CREATE TABLE hats (id INTEGER PRIMARY KEY, name TEXT)",
		"INSERT INTO hats (name) SELECT DISTINCT hats FROM cats ORDER BY hats",
		"ALTER TABLE cats ADD COLUMN hat_id INTEGER",
		"UPDATE cats SET hat_id = (SELECT id FROM hats WHERE hats.name = cats.hats)",
	))
	db.Add(2, "rebuild_cats", does(
		"CREATE TABLE new_cats (id INTEGER PRIMARY KEY, name TEXT, hat_id INTEGER REFERENCES hats (id))",
		"INSERT INTO new_cats SELECT id, name, hat_id FROM cats",
		"DROP TABLE cats",
		"ALTER TABLE new_cats RENAME TO cats",
	))
	if _, err := db.Migrate(context.Background()); err != nil {
		log.Fatal(err)
	}
	rows, err := db.Query("SELECT cats.name, hats.name FROM cats JOIN hats ON hats.id = hat_id ORDER BY cats.id")
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var cat, hat string
		if err := rows.Scan(&cat, &hat); err != nil {
			log.Fatal(err)
		}
		fmt.Println(cat, "wears a", hat)
	}
	// Output:
	// Tom wears a bowler
	// Kitty wears a fez
	// Felix wears a bowler
}
