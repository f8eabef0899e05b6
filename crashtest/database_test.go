//go:build linux

package crashtest

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
)

const (
	historyTable = "_fastmigrate_history"
	lockSuffix   = ".fastmigrate-lock"
	newSuffix    = ".fastmigrate-new"
)

// modes are the two ways in which SQLite keeps a transaction whole.
var modes = []string{"delete", "wal"}

// open returns a connection to a database that knows nothing of our engine. The
// file must be there.
func open(t *testing.T, db string) *sql.DB {
	t.Helper()
	driver := "sqlite"
	if strings.Contains(sqlitefile.Driver, "mattn") {
		driver = "sqlite3"
	}
	handle, err := sql.Open(driver, (&url.URL{Scheme: "file", Path: db, RawQuery: "mode=rw"}).String())
	if err != nil {
		t.Fatal(err)
	}
	handle.SetMaxOpenConns(1) // so that a PRAGMA holds for what follows
	t.Cleanup(func() { handle.Close() })
	return handle
}

// do runs statements on a database, in one connection.
func do(t *testing.T, db string, statements ...string) {
	t.Helper()
	handle := open(t, db)
	defer handle.Close()
	for _, s := range statements {
		if _, err := handle.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// get returns a query's rows, columns parted by "|".
func get(handle *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := handle.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []string
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		fields := make([]string, len(values))
		for i, v := range values {
			if fields[i] = v.String; !v.Valid {
				fields[i] = "NULL"
			}
		}
		all = append(all, strings.Join(fields, "|"))
	}
	return all, rows.Err()
}

// content returns the schema and all rows of a database but those that differ
// from run to run: the history, and how often a program ran.
func content(t *testing.T, db string) string {
	t.Helper()
	handle := open(t, db)
	defer handle.Close()
	schema, err := get(handle, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := get(handle, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN (?, 'ran') ORDER BY name`, historyTable)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(schema, "\n")
	for _, table := range tables {
		rows, err := get(handle, fmt.Sprintf("SELECT rowid, * FROM %q ORDER BY rowid", table))
		if err != nil {
			t.Fatal(err)
		}
		text += "\n" + table + ":\n" + strings.Join(rows, "\n")
	}
	return text
}

// create makes a managed database in a folder, in a journal mode, and leaves
// nothing beside it.
func create(t *testing.T, db, mode string) {
	t.Helper()
	b := sqlitefile.Open(db)
	_, err := fastmigrate.CreateDB(t.Context(), b)
	if err := errors.Join(err, b.Close()); err != nil {
		t.Fatal(err)
	}
	do(t, db, "PRAGMA journal_mode = "+mode)
}

// duplicate copies a database with what SQLite has beside it, which nobody may
// have open: closing a file drops the locks that this process has on it.
func duplicate(t *testing.T, from, to string) {
	t.Helper()
	for _, suffix := range []string{"", "-journal", "-wal", ".ran"} {
		src, err := os.Open(from + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		dst, err := os.Create(to + suffix)
		if err == nil {
			_, err = io.Copy(dst, src)
			err = errors.Join(err, dst.Close())
		}
		src.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// beside returns the names of the files in a folder that are not wanted there.
func beside(t *testing.T, dir string, wanted ...string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !slices.Contains(wanted, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// locked says whether anybody holds the lock of a database.
func locked(t *testing.T, db string) bool {
	t.Helper()
	f, err := os.Open(db + lockSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil
}

// lines returns how many lines a file has that are the text; 0 where there is
// no file.
func lines(t *testing.T, file, line string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	n := 0
	for got := range strings.Lines(string(text)) {
		if strings.TrimSpace(got) == line {
			n++
		}
	}
	return n
}

// makeFolder writes files into a new folder and returns it.
func makeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "migrations")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
