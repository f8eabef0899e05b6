package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/source"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// db is one database of a test's own.
type db struct {
	*testing.T
	url string
}

// managed returns a new database with the version table.
func managed(t *testing.T) *db {
	t.Helper()
	d := &db{t, testdb.Postgres(t)}
	d.create(d.url)
	return d
}

func (d *db) create(url string) {
	d.Helper()
	if err := open(d.T, url).Create(context.Background()); err != nil {
		d.Fatal(err)
	}
}

func open(t *testing.T, url string) *postgres.Backend {
	t.Helper()
	b, err := postgres.Open(url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// files are migrations by their names without .sql.
type files map[string]string

func (f files) migrator(t *testing.T, url string, o fastmigrate.Options) *fastmigrate.Migrator {
	t.Helper()
	m, err := fastmigrate.New(open(t, url), source.FS(f.folder()), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (f files) folder() fstest.MapFS {
	fs := fstest.MapFS{}
	for name, text := range f {
		if !strings.Contains(name, ".") {
			name += ".sql"
		}
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

// up applies all of the files.
func (d *db) up(f files) (*fastmigrate.Report, error) {
	d.Helper()
	return d.upOn(d.url, f)
}

func (d *db) upOn(url string, f files) (*fastmigrate.Report, error) {
	d.Helper()
	return f.migrator(d.T, url, fastmigrate.Options{Tool: "test"}).Up(context.Background())
}

func (d *db) mustUp(f files) *fastmigrate.Report {
	d.Helper()
	report, err := d.up(f)
	if err != nil {
		d.Fatal(err)
	}
	return report
}

// ask returns the rows of a query, columns joined by a bar and rows by a space.
func (d *db) ask(query string) string {
	d.Helper()
	conn, err := pgx.Connect(context.Background(), d.url)
	if err != nil {
		d.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(context.Background(), query)
	if err != nil {
		d.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			d.Fatal(err)
		}
		var row []string
		for _, v := range values {
			row = append(row, fmt.Sprint(v))
		}
		all = append(all, strings.Join(row, "|"))
	}
	if rows.Err() != nil {
		d.Fatal(rows.Err())
	}
	return strings.Join(all, " ")
}

func (d *db) exec(statements string) {
	d.Helper()
	conn, err := pgx.Connect(context.Background(), d.url)
	if err != nil {
		d.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.PgConn().Exec(context.Background(), statements).ReadAll(); err != nil {
		d.Fatal(err)
	}
}

// expect fails unless a query answers so.
func (d *db) expect(query, want string) {
	d.Helper()
	if got := d.ask(query); got != want {
		d.Errorf("%s: %q, want %q", query, got, want)
	}
}

const (
	version = "SELECT version FROM _meta"
	entries = "SELECT name, state, segments_done FROM _fastmigrate_history ORDER BY id"
)
