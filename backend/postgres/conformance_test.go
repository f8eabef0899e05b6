package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// A PostgreSQL database keeps every promise there is.
func TestConformance(t *testing.T) {
	t.Parallel()
	backendtest.Run(t, harness(""))
}

// So it does with a row for the lock.
func TestConformanceRowLock(t *testing.T) {
	t.Parallel() // it waits for the row of a killed process to run out
	backendtest.Run(t, harness("?lock=row"))
}

// So does one that is reached over a program's own pool; outside programs can't
// reach that.
func TestConformancePool(t *testing.T) {
	t.Parallel()
	h := harness("")
	h.NoPrograms = true
	h.Open = func(url string) (backend.Backend, error) {
		pool, err := pgxpool.New(context.Background(), url)
		if err != nil {
			return nil, err
		}
		return &overPool{postgres.NewPool(pool, postgres.Options{}), pool}, nil
	}
	backendtest.Run(t, h)
}

// overPool closes the pool with the backend, as the program would.
type overPool struct {
	*postgres.Backend
	pool *pgxpool.Pool
}

func (b *overPool) Close() error {
	b.pool.Close()
	return b.Backend.Close()
}

func harness(parameters string) backendtest.Harness {
	return backendtest.Harness{
		New:  func(t testing.TB) string { return testdb.Postgres(t) + parameters },
		Open: func(url string) (backend.Backend, error) { return postgres.Open(url, postgres.Options{}) },
		Exec: func(t testing.TB, d backendtest.Database, script string) {
			conn := other(t, d.Address[:len(d.Address)-len(parameters)])
			if _, err := conn.PgConn().Exec(context.Background(), script).ReadAll(); err != nil {
				t.Fatal(err)
			}
		},
		Rows: func(t testing.TB, d backendtest.Database, table string) (numbers []int, there bool) {
			conn := other(t, d.Address[:len(d.Address)-len(parameters)])
			err := conn.QueryRow(context.Background(), "SELECT to_regclass($1) IS NOT NULL", "public."+table).Scan(&there)
			if err != nil {
				t.Fatal(err)
			}
			if !there {
				return nil, false
			}
			rows, err := conn.Query(context.Background(), "SELECT n FROM "+table)
			if err == nil {
				numbers, err = pgx.CollectRows(rows, pgx.RowTo[int])
			}
			if err != nil {
				t.Fatal(err)
			}
			return numbers, true
		},
		Scripts: backendtest.Scripts{
			Slow: func(table string) string { return "INSERT INTO " + table + " SELECT 2 FROM pg_sleep(600)" },
		},
	}
}

// other connects to the database as any other program would.
func other(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}
