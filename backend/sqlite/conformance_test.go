package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
	"github.com/fastmigrate/fastmigrate/backend/sqlite"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
)

// A database file keeps every promise there is.
func TestConformanceFile(t *testing.T) {
	backendtest.Run(t, backendtest.Harness{
		New:  func(t testing.TB) string { return filepath.Join(t.TempDir(), "it's a ü%20 name?.db") },
		Open: func(path string) (backend.Backend, error) { return sqlitefile.Open(path), nil },
		Exec: func(t testing.TB, d backendtest.Database, script string) {
			db := handle(t, d.Address)
			if _, err := db.Exec(script); err != nil {
				t.Fatal(err)
			}
		},
		Rows: func(t testing.TB, d backendtest.Database, table string) ([]int, bool) {
			return numbers(t, handle(t, d.Address), table)
		},
		Scripts: scripts(),
	})
}

// A database in memory keeps those that don't need anyone else to reach it.
func TestConformanceMemory(t *testing.T) {
	backendtest.Run(t, backendtest.Harness{
		New:  func(testing.TB) string { return sqlite.Memory },
		Open: func(path string) (backend.Backend, error) { return sqlitefile.Open(path), nil },
		Exec: func(t testing.TB, d backendtest.Database, script string) {
			db, err := d.Backend.(*sqlite.Backend).DB()
			if err == nil {
				_, err = db.Exec(script)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		Rows: func(t testing.TB, d backendtest.Database, table string) ([]int, bool) {
			db, err := d.Backend.(*sqlite.Backend).DB()
			if err != nil {
				t.Fatal(err)
			}
			return numbers(t, db, table)
		},
		Scripts:    scripts(),
		Reach:      backendtest.OneBackend,
		NoPrograms: true,
	})
}

func scripts() backendtest.Scripts {
	return backendtest.Scripts{
		Slow: func(table string) string {
			return "INSERT INTO " + table + " WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 10000000000) SELECT max(n) FROM c"
		},
	}
}

// handle opens the file as any other program would, making it if need be.
func handle(t testing.TB, path string) *sql.DB {
	t.Helper()
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	db, err := sql.Open(driverName(), "file:"+escaped+"?mode=rwc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// numbers returns what a table holds.
func numbers(t testing.TB, db *sql.DB, table string) (numbers []int, there bool) {
	t.Helper()
	if err := db.QueryRow("SELECT count(*) > 0 FROM sqlite_schema WHERE name = ?", table).Scan(&there); err != nil || !there {
		if err != nil {
			t.Fatal(err)
		}
		return nil, false
	}
	rows, err := db.Query("SELECT n FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	return numbers, true
}
