package connect_test

import (
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/connect"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// folder makes a folder of migrations that any database understands.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "0001-a.sql", "CREATE TABLE a (x INTEGER);\n")
	write(t, dir, "0002-b.sql", "INSERT INTO a VALUES (1);\n")
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// brings says whether the one call brings a new database to version 2.
func brings(t *testing.T, db, dir string) {
	t.Helper()
	b, err := connect.Open(t.Context(), db, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := fastmigrate.CreateDB(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := connect.RunMigrations(t.Context(), db, dir); err != nil {
		t.Fatal(err)
	}
	if v, err := fastmigrate.Version(t.Context(), b); err != nil || v != 2 {
		t.Errorf("%s is at version %d, %v", b.Name(), v, err)
	}
}

func TestOpen(t *testing.T) {
	dir := folder(t)
	brings(t, filepath.Join(t.TempDir(), "a b?c#d%41.db"), dir)
	brings(t, "sqlite:"+filepath.Join(t.TempDir(), "a.db"), dir)
	brings(t, testdb.Postgres(t), dir)
	brings(t, strings.Replace(testdb.Postgres(t), "postgres://", "postgresql://", 1), dir)
	brings(t, testdb.MySQL(t), dir)
	brings(t, strings.Replace(testdb.MySQL(t), "mysql://", "mariadb://", 1), dir)
}

// The other way to a server is its socket.
func TestOpenSocket(t *testing.T) {
	dir := folder(t)
	postgres := testdb.PostgresServer(t)
	brings(t, "postgres:///"+name(t, postgres.NewDatabase(t))+"?user=postgres&host="+postgres.Socket()+"&port="+port(t, postgres), dir)
	mysql := testdb.MySQLServer(t)
	brings(t, "mysql://root@/"+name(t, mysql.NewDatabase(t))+"?socket="+mysql.Socket(), dir)
}

func name(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

func port(t *testing.T, s *testdb.Server) string {
	t.Helper()
	u, err := url.Parse(s.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// awkward is a password with everything that means something in a URL.
const awkward = `p@ss:w/o?r#d%41 ü&=+\'"`

// Special characters in a password are written with a percent sign, and the
// password is the one that the server gets.
func TestAwkwardPassword(t *testing.T) {
	dir := folder(t)
	mysql := testdb.MySQL(t)
	u, err := url.Parse(mysql)
	if err != nil {
		t.Fatal(err)
	}
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(awkward)
	run(t, "mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-uroot", "-h", u.Hostname(), "-P", u.Port(), "-e",
		"CREATE USER 'me'@'%' IDENTIFIED BY '"+quoted+"'; GRANT ALL ON *.* TO 'me'@'%'")
	u.User = url.UserPassword("me", awkward)
	brings(t, u.String(), dir)

	server := testdb.PostgresServer(t, "password_encryption=scram-sha-256")
	database := server.NewDatabase(t)
	run(t, "psql", "-XAtq", "-d", server.URL(""), "-c", "CREATE ROLE me SUPERUSER LOGIN PASSWORD '"+strings.ReplaceAll(awkward, "'", "''")+"'")
	server.RequirePasswords(t)
	if u, err = url.Parse(database); err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("me", awkward)
	brings(t, u.String(), dir)

	// A wrong one is refused, and never told.
	u.User = url.UserPassword("me", "s3cr et")
	err = connect.RunMigrations(t.Context(), u.String(), dir)
	if err == nil || strings.Contains(err.Error(), "s3cr") || strings.Contains(migration.HintOf(err), "s3cr") {
		t.Errorf("a wrong password: %v", err)
	}
}

func run(t *testing.T, command ...string) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command[0], err, out)
	}
}

// A URL that can't be understood is refused with what can, and without its
// password, wherever that ends.
func TestOpenRefuses(t *testing.T) {
	for db, want := range map[string]error{
		"oracle://me:s3cret@host/db":           migration.ErrUnsupported,
		"postgres://me:s3cret@host:port/db":    nil,
		"postgres://me:s3/cr?et@host/db":       nil,
		"mysql://me:s3cret@host:port/db":       nil,
		"mysql://me:s3/cret@host/db":           nil,
		"postgres://me:s3cret@host/db?lock=no": nil,
	} {
		b, err := connect.Open(t.Context(), db, t.TempDir())
		if err == nil || b != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v", db, err)
			continue
		}
		if text := err.Error() + migration.HintOf(err); strings.Contains(text, "s3") || strings.Contains(text, "cret") || migration.HintOf(err) == "" {
			t.Errorf("%s: %v\nhint: %s", db, err, migration.HintOf(err))
		}
	}
}

// A config.py in the folder takes any database, to the letter.
func TestOpenHooks(t *testing.T) {
	t.Setenv("FASTMIGRATE_PYTHON", "/usr/bin/python3")
	dir := folder(t)
	file := filepath.Join(t.TempDir(), "note")
	write(t, dir, "config.py", `
import os
def get_connection(db):
    assert db == 'postgres://where/ever?x=1#y', db
    return `+"'"+file+"'"+`
def ensure_meta_table(path):
    if not os.path.exists(path): set_version(path, 0)
def get_version(path):
    with open(path) as f: return int(f.read())
def set_version(path, version):
    with open(path, 'w') as f: f.write(str(version))
def execute_sql(path, sql): pass
`)
	if err := connect.RunMigrations(t.Context(), "postgres://where/ever?x=1#y", dir); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "2" {
		t.Errorf("the version is %q, %v", text, err)
	}
}
