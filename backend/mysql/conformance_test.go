package mysql_test

import (
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
	"github.com/fastmigrate/fastmigrate/backend/mysql"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// The server commits statements by itself. What is left of a script that fails
// is in the history, and the next run goes on from there.
func TestConformance(t *testing.T) { backendtest.Run(t, harness()) }

// A handle of the caller's, whose driver counts the rows that are changed and
// not those that are met, does the same.
func TestConformanceHandle(t *testing.T) {
	h := harness()
	h.NoPrograms = true
	h.Open = func(url string) (backend.Backend, error) {
		db, err := other(url)
		if err != nil {
			return nil, err
		}
		return &overHandle{mysql.New(db, mysql.Options{LockExpiry: 2 * time.Second}), db}, nil
	}
	backendtest.Run(t, h)
}

// overHandle closes the handle with the backend, as the program would.
type overHandle struct {
	*mysql.Backend
	db *sql.DB
}

func (b *overHandle) Close() error { return errors.Join(b.Backend.Close(), b.db.Close()) }

func harness() backendtest.Harness {
	return backendtest.Harness{
		New: func(t testing.TB) string { return testdb.MySQL(t) },
		Open: func(url string) (backend.Backend, error) {
			return mysql.Open(url, mysql.Options{LockExpiry: 2 * time.Second})
		},
		Exec: func(t testing.TB, d backendtest.Database, script string) {
			db := connected(t, d.Address)
			for _, statement := range strings.Split(script, ";\n") {
				if statement == "" {
					continue
				}
				if _, err := db.Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
		},
		Rows: func(t testing.TB, d backendtest.Database, table string) (numbers []int, there bool) {
			rows, err := connected(t, d.Address).Query("SELECT n FROM " + table)
			var refused *driver.MySQLError
			if errors.As(err, &refused) && refused.Number == 1146 {
				return nil, false
			}
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
		},
		Scripts: backendtest.Scripts{
			Slow: func(table string) string { return "INSERT INTO " + table + " SELECT 2 + SLEEP(600)" },
		},
		Failure: backendtest.Progress,
	}
}

// other returns a handle as any other program would have it.
func other(address string) (*sql.DB, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	password, _ := u.User.Password()
	c := driver.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName = u.User.Username(), password, "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	c.Logger = &driver.NopLogger{}
	connector, err := driver.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// connected is other, until the test ends.
func connected(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := other(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
