package fastmigrate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

// shop is a folder of three migrations, two of which lead back.
var shop = fstest.MapFS{
	"0001-products.sql":        {Data: []byte("CREATE TABLE products (name TEXT);")},
	"0002-orders.sql":          {Data: []byte("CREATE TABLE orders (product TEXT);")},
	"0003-prices.sql":          {Data: []byte("ALTER TABLE products ADD COLUMN price INTEGER;")},
	"rollback/0002-orders.sql": {Data: []byte("DROP TABLE orders;")},
	"rollback/0003-prices.sql": {Data: []byte("ALTER TABLE products DROP COLUMN price;")},
}

// newShop returns a Migrator over a new database, and what removes it.
func newShop() (m *fastmigrate.Migrator, remove func()) {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	db := sqlitefile.Open(filepath.Join(dir, "shop.db"))
	if _, err := fastmigrate.CreateDB(context.Background(), db); err != nil {
		log.Fatal(err)
	}
	if m, err = fastmigrate.New(db, source.FS(shop), fastmigrate.Options{}); err != nil {
		log.Fatal(err)
	}
	return m, func() { _ = errors.Join(db.Close(), os.RemoveAll(dir)) }
}

// Run goes to any goal; UpTo, Down and the like are short for one.
func ExampleMigrator_Run() {
	m, remove := newShop()
	defer remove()
	ctx := context.Background()
	for _, goal := range []fastmigrate.Goal{plan.UpTo(2), {}, {Direction: migration.Down, Steps: 2}} {
		report, err := m.Run(ctx, goal)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("from", report.Start, "to", report.End)
	}
	// Output:
	// from 0 to 2
	// from 2 to 3
	// from 3 to 1
}

// DownTo takes migrations back, newest first, unless one on the way has no
// rollback script: then nothing is done.
func ExampleMigrator_DownTo() {
	m, remove := newShop()
	defer remove()
	ctx := context.Background()
	if _, err := m.Up(ctx); err != nil {
		log.Fatal(err)
	}
	_, err := m.DownTo(ctx, 0)
	fmt.Println(errors.Is(err, migration.ErrNoRollback))
	report, err := m.DownTo(ctx, 1)
	fmt.Println(report.End, err)
	// Output:
	// true
	// 1 <nil>
}

// Mark records what was done by hand, and Verify looks whether all is as it
// should be.
func ExampleMigrator_Mark() {
	m, remove := newShop()
	defer remove()
	ctx := context.Background()
	if err := m.Mark(ctx, 2); err != nil {
		log.Fatal(err)
	}
	at, err := m.State(ctx)
	if err != nil {
		log.Fatal(err)
	}
	findings, err := m.Verify(ctx)
	fmt.Println("at", at, "with", len(findings), "findings", err)
	// Output: at 2 with 0 findings <nil>
}
