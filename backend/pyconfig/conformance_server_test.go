package pyconfig_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// The adapter for asyncpg keeps them on a server, with the server's lock.
func TestConformanceAsyncpg(t *testing.T) {
	backendtest.Run(t, backendtest.Harness{
		New: func(t testing.TB) string {
			// asyncpg itself fails on a script without any statement.
			hooks := strings.Replace(config(t, "asyncpg"), "conn.execute(sql)", `conn.execute("SELECT 1;\n" + sql)`, 1)
			return folder(t, files{"config.py": hooks}) + "\n" + testdb.Postgres(t)
		},
		Open: func(address string) (backend.Backend, error) {
			dir, db, _ := strings.Cut(address, "\n")
			b, err := pyconfig.Open(context.Background(), dir, db, pyconfig.Options{Python: python})
			if err != nil {
				return nil, err
			}
			return b, nil
		},
		Exec: func(t testing.TB, d backendtest.Database, script string) {
			if _, err := server(t, d).PgConn().Exec(t.Context(), script).ReadAll(); err != nil {
				t.Fatal(err)
			}
		},
		Rows: func(t testing.TB, d backendtest.Database, table string) (numbers []int, there bool) {
			rows, err := server(t, d).Query(t.Context(), "SELECT n FROM "+table)
			if err == nil {
				numbers, err = pgx.CollectRows(rows, pgx.RowTo[int])
			}
			return numbers, err == nil
		},
		Scripts: backendtest.Scripts{
			Slow: func(table string) string { return "INSERT INTO " + table + " SELECT 2 FROM pg_sleep(600)" },
		},
		Failure: backendtest.Unknown,
	})
}

// server connects to the database as any other program would.
func server(t testing.TB, d backendtest.Database) *pgx.Conn {
	t.Helper()
	_, url, _ := strings.Cut(d.Address, "\n")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}
