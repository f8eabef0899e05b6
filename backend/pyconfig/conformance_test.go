package pyconfig_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
)

// The hooks keep what hooks can promise.
func TestConformance(t *testing.T) {
	backendtest.Run(t, backendtest.Harness{
		New: func(t testing.TB) string {
			dir := folder(t, files{"config.py": config(t, "sqlite3")})
			return filepath.Join(dir, "it's a ü%20 name?.db")
		},
		Open: func(path string) (backend.Backend, error) {
			b, err := pyconfig.Open(context.Background(), filepath.Dir(path), path, pyconfig.Options{Python: python})
			if err != nil {
				return nil, err
			}
			return b, nil
		},
		Failure: backendtest.Unknown,
		Scripts: backendtest.Scripts{Slow: func(string) string { return "SELECT sleep(600)" }},
		Exec: func(t testing.TB, d backendtest.Database, script string) {
			t.Helper()
			looking(t, d.Address, func(db *sql.DB) error { _, err := db.Exec(script); return err })
		},
		Rows: func(t testing.TB, d backendtest.Database, table string) (numbers []int, there bool) {
			t.Helper()
			looking(t, d.Address, func(db *sql.DB) error {
				var n int
				err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = ?", table).Scan(&n)
				if there = n > 0; err != nil || !there {
					return err
				}
				rows, err := db.Query("SELECT n FROM " + table)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					if err := rows.Scan(&n); err != nil {
						return err
					}
					numbers = append(numbers, n)
				}
				return rows.Err()
			})
			return numbers, there
		},
	})
}

// looking calls f with the database, as another program has it.
func looking(t testing.TB, path string, f func(*sql.DB) error) {
	t.Helper()
	driver := "sqlite"
	if !slices.Contains(sql.Drivers(), driver) {
		driver = "sqlite3"
	}
	db, err := sql.Open(driver, (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String())
	if err == nil {
		err = errors.Join(f(db), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}
