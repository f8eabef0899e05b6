package postgres_test

import (
	"context"
	"database/sql"
	"log"
	"os"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// edges is a folder of a graph, as an embed.FS has it in a program.
var edges = fstest.MapFS{
	"20240101_initial_up_accounts.sql": {Data: []byte("CREATE TABLE accounts (id int PRIMARY KEY, name text)")},
}

// The tests run what the documentation shows.
func TestExamples(t *testing.T) {
	for _, example := range []func(){
		ExampleOpen, ExampleNewConn, ExampleNewPool, ExampleNewTx, ExampleNewDB, ExampleNewSQLConn, ExampleNewSQLTx, ExampleFunc,
	} {
		t.Setenv("DATABASE_URL", testdb.Postgres(t))
		example()
	}
}

// A database by its URL, and migrations in a folder or an embed.FS.
func ExampleOpen() {
	ctx := context.Background()
	db, err := postgres.Open(os.Getenv("DATABASE_URL"), postgres.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := trek.To(ctx, db, source.Revisions(edges), "accounts", trek.Up); err != nil {
		log.Fatal(err)
	}
}

// One connection of the program's own.
func ExampleNewConn() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := trek.To(ctx, postgres.NewConn(conn, postgres.Options{}), source.Revisions(edges), "accounts", trek.Up); err != nil {
		log.Fatal(err)
	}
}

// The pool that the program works with anyway; one connection suffices.
func ExampleNewPool() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := trek.To(ctx, postgres.NewPool(pool, postgres.Options{}), source.Revisions(edges), "accounts", trek.Up); err != nil {
		log.Fatal(err)
	}
}

// Migrations as a part of what a transaction does; it is committed by whom it
// belongs to.
func ExampleNewTx() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close(ctx)
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := trek.To(ctx, postgres.NewTx(tx, postgres.Options{}), source.Revisions(edges), "accounts", trek.Up); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO accounts VALUES (1, 'first')")
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}

// A handle of database/sql, opened with pgx's driver.
func ExampleNewDB() {
	ctx := context.Background()
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := trek.To(ctx, postgres.NewDB(db, postgres.Options{}), source.Revisions(edges), "accounts", trek.Up); err != nil {
		log.Fatal(err)
	}
}

// One connection of such a handle.
func ExampleNewSQLConn() {
	ctx := context.Background()
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	if _, err := trek.To(ctx, postgres.NewSQLConn(conn, postgres.Options{}), source.Revisions(edges), "accounts", trek.Up); err != nil {
		log.Fatal(err)
	}
}

// A transaction of such a handle, which is rolled back here: nothing is left.
func ExampleNewSQLTx() {
	ctx := context.Background()
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := trek.To(ctx, postgres.NewSQLTx(tx, postgres.Options{}), source.Revisions(edges), "accounts", trek.Up); err != nil {
		log.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		log.Fatal(err)
	}
}

// A migration in Go that copies rows in, with the driver's own means.
func ExampleFunc() {
	ctx := context.Background()
	fill := postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"accounts"}, []string{"id", "name"}, pgx.CopyFromRows([][]any{{1, "first"}, {2, "second"}}))
		return err
	})
	db, err := postgres.Open(os.Getenv("DATABASE_URL"), postgres.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	m, err := fastmigrate.New(db, source.Revisions(edges).With(source.Edge{From: "accounts", To: "filled", Func: fill}), fastmigrate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := m.To(ctx, "filled"); err != nil {
		log.Fatal(err)
	}
}
