package fastmigrate_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

//go:embed testdata/migrations
var embedded embed.FS

// notes returns the migrations of the examples: 0001-create-notes.sql,
// 0002-add-tags.sql, and 0003-pin-notes.sql with a rollback script.
func notes() *source.Files {
	folder, err := fs.Sub(embedded, "testdata/migrations")
	if err != nil {
		log.Fatal(err)
	}
	return source.FS(folder)
}

// newMigrator returns a Migrator of the notes over a new database in memory.
func newMigrator(o fastmigrate.Options) *fastmigrate.Migrator {
	db := sqlitefile.Open(sqlite.Memory)
	if _, err := fastmigrate.CreateDB(context.Background(), db); err != nil {
		log.Fatal(err)
	}
	m, err := fastmigrate.New(db, notes(), o)
	if err != nil {
		log.Fatal(err)
	}
	return m
}

// A program carries its migrations and applies what is missing when it starts.
// Several that start at once wait for each other.
func Example() {
	// //go:embed migrations
	// var embedded embed.FS
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	start := func() error {
		ctx := context.Background()
		folder, err := fs.Sub(embedded, "testdata/migrations")
		if err != nil {
			return err
		}
		db := sqlitefile.Open(filepath.Join(dir, "app.db"))
		defer db.Close()
		from, err := fastmigrate.CreateDB(ctx, db)
		if err != nil {
			return err
		}
		if err := fastmigrate.RunMigrations(ctx, db, source.FS(folder)); err != nil {
			return err
		}
		to, err := fastmigrate.Version(ctx, db)
		fmt.Printf("started with version %d, now at %d\n", from, to)
		return err
	}
	for range 2 {
		if err := start(); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// started with version 0, now at 3
	// started with version 3, now at 3
}

// A test of a program has the newest schema in memory, with no file at all.
func Example_memory() {
	ctx := context.Background()
	b := sqlitefile.Open(":memory:")
	defer b.Close()
	if _, err := fastmigrate.CreateDB(ctx, b); err != nil {
		log.Fatal(err)
	}
	if err := fastmigrate.RunMigrations(ctx, b, source.Dir("testdata/migrations")); err != nil {
		log.Fatal(err)
	}
	db, err := b.DB()
	if err != nil {
		log.Fatal(err)
	}
	var notes int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM notes WHERE NOT pinned").Scan(&notes)
	fmt.Println(notes, err)
	// Output: 0 <nil>
}

func ExampleNew() {
	db := sqlitefile.Open(":memory:")
	defer db.Close()
	ctx := context.Background()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	m, err := fastmigrate.New(db, source.Dir("testdata/migrations"), fastmigrate.Options{Strict: true})
	if err != nil {
		log.Fatal(err)
	}
	report, err := m.Up(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("from", report.Start, "to", report.End)
	// Output: from 0 to 3
}

func ExampleMigrator_Up() {
	report, err := newMigrator(fastmigrate.Options{}).Up(context.Background())
	for _, done := range report.Applied {
		fmt.Println("applied", done.Step.File())
	}
	if err != nil {
		fmt.Println("failed:", err)
	}
	// Output:
	// applied 0001-create-notes.sql
	// applied 0002-add-tags.sql
	// applied 0003-pin-notes.sql
}

// A migration that fails leaves nothing behind. Those before it stay applied,
// and the error says where it failed.
func ExampleMigrator_Up_failure() {
	ctx := context.Background()
	db := sqlitefile.Open(":memory:")
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	m, err := fastmigrate.New(db, source.FS(fstest.MapFS{
		"0001-good.sql": {Data: []byte("CREATE TABLE good (id INTEGER PRIMARY KEY);")},
		"0002-bad.sql":  {Data: []byte("CREATE TABLE bad (id INTEGER);\nCREATE TABEL worse (id INTEGER);")},
	}), fastmigrate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	report, err := m.Up(ctx)
	var failure *migration.Error
	if errors.As(err, &failure) {
		fmt.Println(failure)
		fmt.Println(failure.Statement)
	}
	fmt.Println("the database is at version", report.End)
	// Output:
	// 0002-bad.sql:2:8: near "TABEL": syntax error
	// CREATE TABEL worse (id INTEGER);
	// the database is at version 1
}

func ExampleMigrator_UpTo() {
	ctx := context.Background()
	m := newMigrator(fastmigrate.Options{})
	report, err := m.UpTo(ctx, 2)
	fmt.Println(report.End, err)

	_, err = m.UpTo(ctx, 7)
	fmt.Println(errors.Is(err, migration.ErrNoVersion))
	fmt.Println(err)
	fmt.Println("hint:", migration.HintOf(err))
	// Output:
	// 2 <nil>
	// true
	// no such version: no migration leads to version 7
	// hint: versions go from 1 to 3
}

func ExampleMigrator_Down() {
	ctx := context.Background()
	m := newMigrator(fastmigrate.Options{})
	if _, err := m.Up(ctx); err != nil {
		log.Fatal(err)
	}
	report, err := m.Down(ctx)
	fmt.Println(report.Start, "to", report.End, err)

	_, err = m.Down(ctx)
	fmt.Println(err)
	fmt.Println("hint:", migration.HintOf(err))
	// Output:
	// 3 to 2 <nil>
	// no rollback script for 0002-add-tags.sql
	// hint: write rollback/0002-add-tags.sql in the migrations folder; nothing was changed
}

func ExampleMigrator_Status() {
	ctx := context.Background()
	m := newMigrator(fastmigrate.Options{})
	if _, err := m.UpTo(ctx, 2); err != nil {
		log.Fatal(err)
	}
	status, err := m.Status(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("at %d of %d, %d pending\n", status.Version, status.Newest, status.Pending)
	for _, row := range status.Rows {
		fmt.Println(row.Version, row.Name, row.State)
	}
	// Output:
	// at 2 of 3, 1 pending
	// 0001 create-notes applied
	// 0002 add-tags applied
	// 0003 pin-notes pending
}

func ExampleMigrator_Plan() {
	m := newMigrator(fastmigrate.Options{})
	p, err := m.Plan(context.Background(), fastmigrate.Goal{})
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range p.Steps {
		fmt.Println(step.From, "to", step.To, "by", step.File(), "in transaction", step.Transaction)
	}
	// Output:
	// 0 to 1 by 0001-create-notes.sql in transaction 1
	// 1 to 2 by 0002-add-tags.sql in transaction 1
	// 2 to 3 by 0003-pin-notes.sql in transaction 1
}

// A plan that was looked at is carried out only as long as it still holds.
func ExampleMigrator_Execute() {
	ctx := context.Background()
	m := newMigrator(fastmigrate.Options{})
	p, err := m.Plan(ctx, fastmigrate.Goal{})
	if err != nil {
		log.Fatal(err)
	}
	report, err := m.Execute(ctx, p)
	fmt.Println(len(report.Applied), "applied,", err)

	_, err = m.Execute(ctx, p)
	fmt.Println(errors.Is(err, migration.ErrStalePlan))
	// Output:
	// 3 applied, <nil>
	// true
}

func ExampleCreateDB() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db := sqlitefile.Open(filepath.Join(dir, "data", "app.db"))
	defer db.Close()

	version, err := fastmigrate.CreateDB(context.Background(), db)
	fmt.Println(version, err)
	// Output: 0000 <nil>
}

func ExampleRunMigrations() {
	ctx := context.Background()
	db := sqlitefile.Open(":memory:")
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}
	fmt.Println(fastmigrate.RunMigrations(ctx, db, source.Dir("testdata/migrations")))
	fmt.Println(fastmigrate.Version(ctx, db))
	// Output:
	// <nil>
	// 0003 <nil>
}

func ExampleVersion() {
	db := sqlitefile.Open("nowhere.db")
	defer db.Close()
	_, err := fastmigrate.Version(context.Background(), db)
	fmt.Println(errors.Is(err, migration.ErrNoDatabase))
	fmt.Println(err)
	// Output:
	// true
	// database does not exist: nowhere.db
}

func ExampleBackup() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db := sqlitefile.Open(filepath.Join(dir, "app.db"))
	defer db.Close()
	if _, err := fastmigrate.CreateDB(ctx, db); err != nil {
		log.Fatal(err)
	}

	file := filepath.Join(dir, "app.backup")
	fmt.Println(fastmigrate.Backup(ctx, db, file))

	copied := sqlitefile.Open(file)
	defer copied.Close()
	fmt.Println(fastmigrate.Version(ctx, copied))
	fmt.Println(errors.Is(fastmigrate.Backup(ctx, db, file), fs.ErrExist))
	// Output:
	// <nil>
	// 0000 <nil>
	// true
}

func ExampleLogEvents() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "duration" {
				return slog.Attr{} // the same each time
			}
			return a
		},
	}))
	m := newMigrator(fastmigrate.Options{OnEvent: fastmigrate.LogEvents(logger)})
	if _, err := m.UpTo(context.Background(), 2); err != nil {
		log.Fatal(err)
	}
	// Output:
	// level=INFO msg=applied file=0001-create-notes.sql direction=up version=1
	// level=INFO msg=applied file=0002-add-tags.sql direction=up version=2
}
