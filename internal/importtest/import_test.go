package importtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	migratemysql "github.com/golang-migrate/migrate/v4/database/mysql"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	migratesqlite "github.com/golang-migrate/migrate/v4/database/sqlite"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/cli"
	"github.com/fastmigrate/fastmigrate/connect"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// asFastmigrate has the test binary be fastmigrate.
const asFastmigrate = "IMPORTTEST_AS_FASTMIGRATE"

func TestMain(m *testing.M) {
	if os.Getenv(asFastmigrate) != "" {
		os.Exit(cli.Main(cli.Config{Open: func(ctx context.Context, t cli.Target) (backend.Backend, error) {
			return connect.OpenWith(ctx, t.Database, t.Migrations, connect.Options{Getenv: t.Getenv})
		}}))
	}
	testdb.Main(m)
}

// fastmigrate runs the program and returns what it printed.
func fastmigrate(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), asFastmigrate+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("fastmigrate %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// kind is a kind of database, with statements in its language.
type kind struct {
	name    string
	dialect goose.Dialect
	open    func(t *testing.T) (url string, db *sql.DB) // a new database
	migrate func(db *sql.DB) (database.Driver, error)
	block   string // a statement with semicolons in it, which has a new user greeted
	undo    string
	alone   string // a statement that golang-migrate and goose want to stand alone
	schema  string // a query for what there is, but for the tools' own tables
}

func kinds() []kind {
	return []kind{
		{
			name: "sqlite", dialect: goose.DialectSQLite3,
			open: func(t *testing.T) (string, *sql.DB) {
				path := filepath.Join(t.TempDir(), "app.db")
				return path, handle(t, "sqlite", path)
			},
			migrate: func(db *sql.DB) (database.Driver, error) {
				return migratesqlite.WithInstance(db, &migratesqlite.Config{})
			},
			block:  "CREATE TRIGGER greet AFTER INSERT ON users BEGIN\n  INSERT INTO greetings VALUES ('hello; ');\n  INSERT INTO greetings VALUES (NEW.name);\nEND;",
			undo:   "DROP TRIGGER greet;",
			alone:  "CREATE INDEX by_name ON users (name);",
			schema: "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE tbl_name IN ('users', 'greetings') ORDER BY 1",
		},
		{
			name: "postgres", dialect: goose.DialectPostgres,
			open: func(t *testing.T) (string, *sql.DB) {
				url := testdb.Postgres(t)
				return url, handle(t, "pgx", url)
			},
			migrate: func(db *sql.DB) (database.Driver, error) { return migratepgx.WithInstance(db, &migratepgx.Config{}) },
			block: "CREATE FUNCTION greeting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n  INSERT INTO greetings VALUES ('hello; ');\n  INSERT INTO greetings VALUES (NEW.name);\n  RETURN NEW;\nEND $$;\n" +
				"CREATE TRIGGER greet BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION greeting();",
			undo:  "DROP TRIGGER greet ON users; DROP FUNCTION greeting();",
			alone: "CREATE INDEX CONCURRENTLY by_name ON users (name);",
			schema: "SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns WHERE table_name IN ('users', 'greetings')" +
				" UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename = 'users' ORDER BY 1",
		},
		{
			name: "mysql", dialect: goose.DialectMySQL,
			open: func(t *testing.T) (string, *sql.DB) {
				url := testdb.MySQL(t)
				c := mysqldriver.NewConfig()
				rest, _ := strings.CutPrefix(url, "mysql://root@")
				c.User, c.Net, c.MultiStatements, c.ParseTime = "root", "tcp", true, true
				c.Addr, c.DBName, _ = strings.Cut(rest, "/")
				return url, handle(t, "mysql", c.FormatDSN())
			},
			migrate: func(db *sql.DB) (database.Driver, error) {
				return migratemysql.WithInstance(db, &migratemysql.Config{})
			},
			block: "CREATE TRIGGER greet BEFORE INSERT ON users FOR EACH ROW BEGIN\n  INSERT INTO greetings VALUES ('hello; ');\n  INSERT INTO greetings VALUES (NEW.name);\nEND;",
			undo:  "DROP TRIGGER greet;",
			alone: "CREATE INDEX by_name ON users (name);",
			schema: "SELECT concat(table_name, '.', column_name, ' ', column_type, ' ', column_key) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN ('users', 'greetings')" +
				" UNION ALL SELECT action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1",
		},
	}
}

func handle(t *testing.T, driver, source string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// lines returns the rows of a query, a line each.
func lines(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return strings.Join(all, "\n")
}

// write makes a folder of files.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const (
	tables   = "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50));\nCREATE TABLE greetings (words VARCHAR(50));\n"
	noTables = "DROP TABLE greetings;\nDROP TABLE users;\n"
	people   = "INSERT INTO users VALUES (1, 'Ada;'),\n  (2, '-- Bob');\n"
	nobody   = "DELETE FROM users;\nDELETE FROM greetings;\n"
)

// takeOver imports a database that the other tool has brought to the second of
// four migrations, goes on to the newest with fastmigrate and all the way back,
// and compares it with one that the other tool brought to the newest.
func takeOver(t *testing.T, k kind, tool, dir, url string, db, theirs *sql.DB) {
	before := listing(t, filepath.Join(dir, "theirs"))
	dry := fastmigrate(t, dir, "import", "--from", tool, "--source", "theirs", "--db", url, "--dry-run")
	if _, err := os.Stat(filepath.Join(dir, "migrations")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(dry, "pending") {
		t.Errorf("the dry run: %v\n%s", err, dry)
	}
	out := fastmigrate(t, dir, "import", "--from", tool, "--source", "theirs", "--db", url)
	if !strings.Contains(out, "is enrolled at version 2\n") || strings.Count(out, "- pending") != 2 {
		t.Errorf("import: %s", out)
	}
	if !bytes.Equal(before, listing(t, filepath.Join(dir, "theirs"))) {
		t.Error("their folder was changed")
	}
	fastmigrate(t, dir, "up", "--db", url)
	for _, query := range []string{k.schema, "SELECT words FROM greetings ORDER BY words", "SELECT name FROM users ORDER BY id"} {
		if ours, others := lines(t, db, query), lines(t, theirs, query); ours != others || ours == "" {
			t.Errorf("%s:\n%s\nby %s:\n%s", query, ours, tool, others)
		}
	}
	fastmigrate(t, dir, "down", "--to", "0", "--db", url)
	if left := lines(t, db, k.schema); left != "" {
		t.Errorf("back at version 0 there is\n%s", left)
	}
}

// listing returns the names and texts of a folder.
func listing(t *testing.T, dir string) []byte {
	t.Helper()
	var b bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		b.WriteString(path + "\n" + string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGoose(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "theirs"), map[string]string{
				"20240101000000_users.sql": "-- +goose Up\n" + tables + "\n-- +goose Down\n" + noTables,
				"20240102000000_greet.sql": "-- +goose Up\n-- +goose StatementBegin\n" + k.block + "\n-- +goose StatementEnd\n-- +goose Down\n-- +goose StatementBegin\n" + k.undo + "\n-- +goose StatementEnd\n",
				"20240103000000_index.sql": "-- +goose NO TRANSACTION\n-- +goose Up\n" + k.alone + "\n-- +goose Down\nSELECT 1;\n",
				"20240104000000_fill.sql":  "-- +goose Up\n" + people + "\n-- +goose Down\n" + nobody,
			})
			url, db := k.open(t)
			_, theirs := k.open(t)
			for on, version := range map[*sql.DB]int64{db: 20240102000000, theirs: 20240104000000} {
				p, err := goose.NewProvider(k.dialect, on, os.DirFS(filepath.Join(dir, "theirs")))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := p.UpTo(t.Context(), version); err != nil {
					t.Fatal(err)
				}
				if on == db { // rows that goose writes and removes again
					if _, err := p.UpTo(t.Context(), 20240103000000); err != nil {
						t.Fatal(err)
					}
					if _, err := p.Down(t.Context()); err != nil {
						t.Fatal(err)
					}
					if _, err := db.Exec(dropIndex(k)); err != nil {
						t.Fatal(err)
					}
				}
			}
			takeOver(t, k, "goose", dir, url, db, theirs)
		})
	}
}

// dropIndex removes the index, whose migration has nothing to do on its way down.
func dropIndex(k kind) string {
	if k.name == "mysql" {
		return "DROP INDEX by_name ON users"
	}
	return "DROP INDEX by_name"
}

func TestGolangMigrate(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "theirs"), map[string]string{
				"000001_users.up.sql": tables, "000001_users.down.sql": noTables, "000002_greet.up.sql": k.block, "000002_greet.down.sql": k.undo,
				"000003_index.up.sql": k.alone, "000003_index.down.sql": "SELECT 1", "000004_fill.up.sql": people, "000004_fill.down.sql": nobody,
			})
			url, db := k.open(t)
			_, theirs := k.open(t)
			for on, steps := range map[*sql.DB]int{db: 2, theirs: 4} {
				driver, err := k.migrate(on)
				if err != nil {
					t.Fatal(err)
				}
				files, err := iofs.New(os.DirFS(filepath.Join(dir, "theirs")), ".")
				if err != nil {
					t.Fatal(err)
				}
				m, err := migrate.NewWithInstance("iofs", files, k.name, driver)
				if err != nil {
					t.Fatal(err)
				}
				if err := m.Steps(steps); err != nil {
					t.Fatal(err)
				}
			}
			takeOver(t, k, "golang-migrate", dir, url, db, theirs)
		})
	}
}
