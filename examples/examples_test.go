package examples_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/connect"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

func TestQuickstart(t *testing.T) {
	m, _ := open(t, "quickstart")
	report, err := m.Up(t.Context())
	if err != nil || report.End != "3" || len(report.Findings) != 0 {
		t.Fatalf("first up: at version %s with %v, %v", report.End, report.Findings, err)
	}
	if report, err = m.Up(t.Context()); err != nil || len(report.Applied) != 0 {
		t.Errorf("second up applied %d migrations, %v", len(report.Applied), err)
	}
}

// The shop goes up, back to where its rollback scripts end, and up again. What
// can be seen of it is the same both times.
func TestShop(t *testing.T) {
	m, db := open(t, "shop")
	run(t, m.Up, "12")
	first := look(t, db)
	want := shop{
		Slug:        "oreillys-breakfast-1",
		Description: "Line one\nline two", // a CRLF in the script's literal
		Trap:        `BEGIN; COMMIT; END; $$ $tag$ ` + "`x`" + ` [y] \ \' {"a": "b"}`,
		Robert:      "Robert'); DROP TABLE customers;--",
		Found:       1, Items: 5, Status: "rejected",
	}
	if diff := cmp.Diff(want, first, cmp.FilterPath(isPrices, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(first.Prices, `TEA-001,"O'Reilly's ""Breakfast"""`) {
		t.Errorf("price list:\n%s", first.Prices)
	}

	run(t, func(ctx context.Context) (*fastmigrate.Report, error) { return m.DownTo(ctx, 4) }, "4")
	if _, err := os.Stat(db + ".prices.csv"); err == nil {
		t.Error("the price list is still there after going down")
	}
	if _, err := m.DownTo(t.Context(), 3); err == nil {
		t.Error("went below 4, for which there is no rollback script")
	}
	run(t, m.Up, "12")
	if diff := cmp.Diff(first, look(t, db)); diff != "" {
		t.Errorf("after going down and up again: %s", diff)
	}
	if findings, err := m.Verify(t.Context()); err != nil || len(findings) != 0 {
		t.Errorf("verify: %v, %v", findings, err)
	}
}

// shop is what a user of the shop's database would notice.
type shop struct {
	Slug, Description, Trap, Robert string

	Found  int    // products that the full-text search finds
	Items  int    // order items, which the table rebuild must not delete
	Status string // what became of an order with an unknown status
	Prices string // the exported list
}

func isPrices(p cmp.Path) bool { return p.String() == "Prices" }

func look(t *testing.T, path string) (s shop) {
	t.Helper()
	b, err := connect.OpenSQLite(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	db, err := b.DB()
	if err != nil {
		t.Fatal(err)
	}
	for query, into := range map[string]any{
		"SELECT slug FROM products WHERE id = 1":                                   &s.Slug,
		"SELECT description FROM products WHERE id = 2":                            &s.Description,
		"SELECT description FROM products WHERE id = 5":                            &s.Trap,
		"SELECT name FROM customers WHERE id = 3":                                  &s.Robert,
		"SELECT count(*) FROM product_search WHERE product_search MATCH 'arabica'": &s.Found,
		"SELECT count(*) FROM order_items":                                         &s.Items,
	} {
		if err := db.QueryRow(query).Scan(into); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	s.Status = status(db)
	prices, err := os.ReadFile(path + ".prices.csv")
	if err != nil {
		t.Fatal(err)
	}
	s.Prices = string(prices)
	return s
}

func status(db *sql.DB) string {
	_, err := db.Exec("UPDATE orders SET status = 'lost' WHERE id = 1")
	if err == nil {
		return "accepted"
	}
	return "rejected"
}

// open makes a database for an example, in a folder of the test's.
func open(t *testing.T, example string) (*fastmigrate.Migrator, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), example+".db")
	dir := filepath.Join(example, "migrations")
	b, err := connect.Open(t.Context(), path, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if _, err := fastmigrate.CreateDB(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	m, err := fastmigrate.New(b, source.Dir(dir), fastmigrate.Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return m, path
}

func run(t *testing.T, f func(context.Context) (*fastmigrate.Report, error), want migration.State) {
	t.Helper()
	report, err := f(t.Context())
	if err != nil || report.End != want {
		t.Fatalf("at version %s, want %s: %v", report.End, want, err)
	}
}
