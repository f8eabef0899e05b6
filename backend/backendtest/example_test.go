package backendtest_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
	"github.com/fastmigrate/fastmigrate/source"
)

// A database in memory, for tests of a program that migrates.
func ExampleMemory() {
	db := backendtest.NewMemory()
	ctx := context.Background()
	if err := db.Open().Create(ctx); err != nil {
		fmt.Println(err)
		return
	}
	folder := fstest.MapFS{
		"0001-make.sql": {Data: []byte("CREATE TABLE primes\n")},
		"0002-fill.sql": {Data: []byte("INSERT INTO primes VALUES (2)\nINSERT INTO primes VALUES (3)\n")},
		"0003-typo.sql": {Data: []byte("INSERT INTO primes VALUES (5)\nINSERT INTO prime VALUES (7)\n")},
	}
	m, err := fastmigrate.New(db.Open(), source.FS(folder), fastmigrate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := m.Up(ctx)
	fmt.Println("at", report.End, "since", err)
	fmt.Println(db.Rows("primes"))
	// Output:
	// at 2 since 0003-typo.sql:2: there is no table prime
	// [2 3] true
}
