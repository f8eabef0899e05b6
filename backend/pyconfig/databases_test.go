package pyconfig_test

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/pyconfig"
	"github.com/fastmigrate/fastmigrate/backend/sqlite/sqlitefile"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// adapter is a config.py, the database that it is for, and how a script fails
// there.
type adapter struct {
	name     string
	database func(t *testing.T) (db string, look func(query string) string)
	says     string // of a table that is not there
}

func adapters() []adapter {
	return []adapter{
		{"sqlalchemy", onSQLite, "OperationalError: (sqlite3.OperationalError) no such table: no_such_table"},
		{"sqlalchemy-postgres", onPostgres, `ProgrammingError: (psycopg2.errors.UndefinedTable) relation "no_such_table" does not exist`},
		{"asyncpg", onPostgres, `UndefinedTableError: relation "no_such_table" does not exist`},
		{"psycopg", onPostgres, `UndefinedTable: relation "no_such_table" does not exist`},
	}
}

func onSQLite(t *testing.T) (string, func(string) string) {
	path := filepath.Join(t.TempDir(), "it's a database.db")
	return path, func(query string) string {
		out, err := exec.Command(python, "-c", "import sqlite3, sys; print(*(r[0] for r in sqlite3.connect(sys.argv[1]).execute(sys.argv[2])))", path, query).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
}

func onPostgres(t *testing.T) (string, func(string) string) {
	db := testdb.Postgres(t)
	return db, func(query string) string {
		conn, err := pgx.Connect(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		rows, _ := conn.Query(t.Context(), query) // CollectRows returns its error, too
		all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			values, err := row.Values()
			return fmt.Sprint(values...), err
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(all, " ")
	}
}

// Each adapter applies what is pending, stops where a script fails, leaves
// nothing of that behind, and goes on when it is mended.
func TestAdapters(t *testing.T) {
	for _, a := range adapters() {
		t.Run(a.name, func(t *testing.T) {
			db, look := a.database(t)
			dir := folder(t, files{
				"config.py": config(t, a.name), "0001-a.sql": "CREATE TABLE a (n INTEGER);\nINSERT INTO a VALUES (1);",
				"0002-b.sql": "INSERT INTO a VALUES (2);\nINSERT INTO no_such_table VALUES (2);", "0004-d.sql": "INSERT INTO a VALUES (4);\n",
			})
			report, err := up(t.Context(), t, dir, db, pyconfig.Options{})
			wantError(t, err, nil, "0002-b.sql: execute_sql raised "+a.says)
			if report.End != "1" || look("SELECT version FROM _meta WHERE id = 1") != "1" || look("SELECT n FROM a WHERE n <> 2 ORDER BY n") != "1" {
				t.Errorf("at %s, with %s", report.End, look("SELECT n FROM a"))
			}
			if !strings.HasPrefix(a.name, "sqlalchemy") && look("SELECT n FROM a WHERE n = 2") != "" {
				t.Error("it left something behind")
			}
			write(t, dir, files{"0002-b.sql": "INSERT INTO a VALUES (20);"})
			mustUp(t, dir, db)
			if got := look("SELECT n FROM a WHERE n <> 2 ORDER BY n"); got != "1 4 20" || look("SELECT version FROM _meta WHERE id = 1") != "4" {
				t.Errorf("then with %s", got)
			}
			if report := mustUp(t, dir, db); len(report.Applied) != 0 || report.End != "4" {
				t.Errorf("with nothing to do: %+v", report)
			}
		})
	}
}

// Runs that are started together apply each migration once.
func TestTogether(t *testing.T) {
	for _, a := range adapters() {
		t.Run(a.name, func(t *testing.T) {
			db, look := a.database(t)
			f := files{"config.py": config(t, a.name), "0001-a.sql": "CREATE TABLE a (n INTEGER);"}
			var want []string
			for n := 2; n <= 6; n++ {
				f[fmt.Sprintf("000%d-x.sql", n)] = fmt.Sprintf("INSERT INTO a VALUES (%d);", n)
				want = append(want, fmt.Sprint(n))
			}
			dir := folder(t, f)
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() {
					report, err := up(t.Context(), t, dir, db, pyconfig.Options{})
					if err != nil || report.End != "6" {
						t.Errorf("%v, at %s", err, report.End)
					}
				})
			}
			group.Wait()
			if got := look("SELECT n FROM a ORDER BY n"); got != strings.Join(want, " ") {
				t.Errorf("applied %s", got)
			}
		})
	}
}

// A database that the hooks migrate is one that the SQLite backend knows, and
// the other way around.
func TestTheSameDatabase(t *testing.T) {
	db, _ := onSQLite(t)
	dir := folder(t, files{"config.py": config(t, "sqlalchemy"), "0001-a.sql": "CREATE TABLE a (n);"})
	mustUp(t, dir, db)
	b := sqlitefile.Open(db)
	defer b.Close()
	if v, err := fastmigrate.Version(t.Context(), b); err != nil || v != 1 {
		t.Errorf("%d, %v", v, err)
	}
}

// A password appears in no message of ours.
func TestPassword(t *testing.T) {
	u, err := url.Parse(testdb.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("nobody", "s3cret%/:@")
	dir := folder(t, files{"config.py": config(t, "psycopg"), "0001-a.sql": "a"})
	_, err = up(t.Context(), t, dir, u.String(), pyconfig.Options{})
	wantError(t, err, nil, "get_connection raised OperationalError: ", "nobody")
	if strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}

// A long statement is interrupted with the run, and leaves nothing behind.
func TestCancelAStatement(t *testing.T) {
	for _, a := range adapters() {
		if a.name == "sqlalchemy" {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			db, look := a.database(t)
			dir := folder(t, files{"config.py": config(t, a.name), "0001-a.sql": "CREATE TABLE a (n INTEGER);", "0002-b.sql": "INSERT INTO a VALUES (1); SELECT pg_sleep(600);"})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				for ctx.Err() == nil {
					if look("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid() AND datname = current_database()") != "0" {
						cancel()
					}
				}
			}()
			report, err := up(ctx, t, dir, db, pyconfig.Options{})
			wantError(t, err, context.Canceled, "0002-b.sql: ")
			if report.End != "1" || look("SELECT version FROM _meta") != "1" || look("SELECT n FROM a") != "" {
				t.Errorf("at %s", report.End)
			}
		})
	}
}
