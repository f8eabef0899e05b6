package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// files is a folder of migrations: names and texts.
type files map[string]string

func (f files) source() *source.Files { return source.FS(f.fsys()) }

func (f files) fsys() fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range f {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return fsys
}

// driverName is that of the driver which sqlitefile registered.
func driverName() string {
	for _, name := range sql.Drivers() {
		if name == "sqlite" || name == "sqlite3" {
			return name
		}
	}
	panic("no SQLite driver")
}

// newFile makes a managed database in a folder of its own and returns its path.
func newFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	create(t, path)
	return path
}

func create(t testing.TB, path string) {
	t.Helper()
	b := sqlitefile.Open(path)
	defer b.Close()
	if err := b.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// up brings the database file to the newest version.
func up(t testing.TB, path string, f files) (*fastmigrate.Report, error) {
	t.Helper()
	return upWith(t.Context(), t, path, f, fastmigrate.Options{})
}

func upWith(ctx context.Context, t testing.TB, path string, f files, o fastmigrate.Options) (*fastmigrate.Report, error) {
	t.Helper()
	b := sqlitefile.Open(path)
	report, err := upOn(ctx, t, b, f, o)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return report, err
}

func upOn(ctx context.Context, t testing.TB, b backend.Backend, f files, o fastmigrate.Options) (*fastmigrate.Report, error) {
	t.Helper()
	m, err := fastmigrate.New(b, f.source(), o)
	if err != nil {
		t.Fatal(err)
	}
	report, err := m.Up(ctx)
	if report == nil {
		t.Fatal("Up returned no report")
	}
	return report, err
}

// mustUp is up where nothing may go wrong.
func mustUp(t testing.TB, path string, f files) *fastmigrate.Report {
	t.Helper()
	report, err := up(t, path, f)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// openRaw opens the database file as any other program would.
func openRaw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driverName(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// ask returns the rows of a query, values with | between them and rows with a
// blank.
func ask(t testing.TB, path, query string) string {
	t.Helper()
	db := openRaw(t, path)
	defer db.Close()
	return askOn(t, db, query)
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func askOn(t testing.TB, db querier, query string) string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var all []string
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		words := make([]string, len(columns))
		for i, v := range values {
			words[i] = v.String
		}
		all = append(all, strings.Join(words, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(all, " ")
}

// do executes statements on the database file, past us.
func do(t testing.TB, path, statements string) {
	t.Helper()
	db := openRaw(t, path)
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// check compares what a query returns with what is wanted.
func check(t testing.TB, path, query, want string) {
	t.Helper()
	if got := ask(t, path, query); got != want {
		t.Errorf("%s = %q, want %q", query, got, want)
	}
}

// version fails unless the database is at a version, and its history agrees.
func version(t testing.TB, path string, want int) {
	t.Helper()
	check(t, path, "SELECT version FROM _meta", fmt.Sprint(want))
}

const historyQuery = "SELECT from_state || '-' || to_state || ':' || state FROM _fastmigrate_history ORDER BY id"

// applied returns the files that a report says are applied.
func applied(r *fastmigrate.Report) string {
	var names []string
	for _, a := range r.Applied {
		names = append(names, a.Step.File())
	}
	return strings.Join(names, " ")
}

// wantError fails unless the error wraps the target and says all of the words.
func wantError(t testing.TB, err, target error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if target != nil && !errors.Is(err, target) {
		t.Errorf("error %q does not match %q", err, target)
	}
	text := err.Error() + "\n" + migration.HintOf(err)
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("error %q does not say %q", text, word)
		}
	}
}

// script returns a body with a fixed text.
func script(name, text string) *migration.SQL {
	return &migration.SQL{Name: name, Reader: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// changing returns a body that has another text each time it is opened; the
// last one stays.
func changing(name string, texts ...string) *migration.SQL {
	return &migration.SQL{Name: name, Reader: func() (io.ReadCloser, error) {
		text := texts[0]
		if len(texts) > 1 {
			texts = texts[1:]
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// work returns the work of going up from one version to the next with a body
// that is inspected now.
func work(t testing.TB, b *sqlite.Backend, from, to migration.Version, body *migration.SQL) backend.Work {
	t.Helper()
	traits, err := b.Inspect(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	m := migration.Migration{Version: to, Name: "m", Up: body}
	return backend.Work{
		Step: migration.Step{Migration: m, From: from.State(), To: to.State(), Traits: traits},
		Entry: migration.Entry{
			Kind: migration.Files, From: from.State(), To: to.State(), Name: body.Name, Checksum: traits.Checksum,
		},
	}
}

// session opens a session that is closed when the test ends.
func session(t testing.TB, b *sqlite.Backend, o backend.SessionOptions) backend.Session {
	t.Helper()
	s, err := b.Session(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// door is a way of giving us a database.
type door struct {
	name string
	open func(t *testing.T) (*sqlite.Backend, querier)
}

// doors are all of them. The querier is the caller's own connection, or nil
// where the connection is ours.
var doors = []door{
	{"file", func(t *testing.T) (*sqlite.Backend, querier) {
		return sqlitefile.Open(newFile(t)), nil
	}},
	{"caller's DB", func(t *testing.T) (*sqlite.Backend, querier) {
		db := openRaw(t, newFile(t))
		db.SetMaxOpenConns(1) // so that what we ask is asked on the connection that was used
		return sqlite.New(db, sqlite.Options{}), db
	}},
	{"caller's Conn", func(t *testing.T) (*sqlite.Backend, querier) {
		conn, err := openRaw(t, newFile(t)).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return sqlite.NewConn(conn, sqlite.Options{}), conn
	}},
	{"memory", func(t *testing.T) (*sqlite.Backend, querier) {
		b := sqlitefile.Open(sqlite.Memory)
		if err := b.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
		return b, nil
	}},
}

func codes(findings []migration.Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, string(f.Code))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func migrationState(v int) migration.State { return migration.Version(v).State() }

func fourDigits(v int) string { return migration.Version(v).String() }
