package fastlite_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/fastlite"
)

// ask returns the rows of a query, values with | between them.
func ask(t *testing.T, db *fastlite.DB, query string) string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// Cats have hats, as text. The hats get a table of their own, filled from the
// data; the cats refer to it; the text goes by a rebuild. Then it is taken back,
// done differently, and migrated again.
func TestCatsAndHats(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "cats.db"))
	migrate := func() {
		t.Helper()
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	db.Add(0, "create_cats", does(
		"CREATE TABLE cats (id INTEGER PRIMARY KEY, name TEXT NOT NULL, hats TEXT)",
		"INSERT INTO cats (name, hats) VALUES ('Tom', 'bowler'), ('Kitty', 'fez'), ('Felix', 'bowler'), ('Cheshire', NULL)",
	))
	migrate()
	db.Add(1, "create_hats", does(
		"CREATE TABLE hats (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
		"INSERT INTO hats (name) SELECT DISTINCT hats FROM cats WHERE hats IS NOT NULL ORDER BY hats",
		"ALTER TABLE cats ADD COLUMN hat_id INTEGER",
		"UPDATE cats SET hat_id = (SELECT id FROM hats WHERE hats.name = cats.hats)",
	))
	rebuild := []string{
		"CREATE TABLE new_cats (id INTEGER PRIMARY KEY, name TEXT NOT NULL, hat_id INTEGER REFERENCES hats (id))",
		"INSERT INTO new_cats (id, name, hat_id) SELECT id, name, hat_id FROM cats",
		"DROP TABLE cats",
		"ALTER TABLE new_cats RENAME TO cats",
	}
	db.Add(2, "drop_hats_text", does(rebuild...))
	db.AddRollback(2, "restore_hats_text", does(
		"ALTER TABLE cats ADD COLUMN hats TEXT",
		"UPDATE cats SET hats = (SELECT name FROM hats WHERE hats.id = hat_id)",
	))
	migrate()
	const wearing = "SELECT cats.name || '|' || coalesce(hats.name, '-') FROM cats LEFT JOIN hats ON hats.id = hat_id ORDER BY cats.id"
	const expected = "Tom|bowler; Kitty|fez; Felix|bowler; Cheshire|-"
	if got := ask(t, db, wearing); got != expected {
		t.Errorf("they wear %s", got)
	}
	if got := ask(t, db, "SELECT name FROM pragma_table_info('cats')"); got != "id; name; hat_id" {
		t.Errorf("columns %s", got)
	}
	if _, err := db.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, db, "SELECT name || '|' || coalesce(hats, '-') FROM cats ORDER BY id"); got != expected {
		t.Errorf("after the rollback: %s", got)
	}
	want(t, applied(t, db), "create_cats", "create_hats")
	// Edited: an index besides.
	db.Add(2, "drop_hats_text", does(append(rebuild, "CREATE INDEX cats_hat ON cats (hat_id)")...))
	migrate()
	if got := ask(t, db, wearing) + ask(t, db, "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'cats'") + ask(t, db, "SELECT count(*) FROM pragma_foreign_key_check"); got != expected+"cats_hat"+"0" {
		t.Errorf("migrated again: %s", got)
	}
	want(t, applied(t, db), "create_cats", "create_hats", "drop_hats_text")
}
