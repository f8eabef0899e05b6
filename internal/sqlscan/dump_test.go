package sqlscan

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// TestPostgresDump holds that dumps by pg_dump, with data for COPY and lines
// that only psql understands, are cut as psql cuts them.
func TestPostgresDump(t *testing.T) {
	database := testdb.Postgres(t)
	cmd := exec.Command("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database)
	schema, _, _ := strings.Cut(readScript(t, "postgres/schema.sql"), "SELECT 1 + 2")
	cmd.Stdin = strings.NewReader(schema)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	for _, args := range []string{"--format=plain", "--inserts", "--column-inserts --quote-all-identifiers", "--disable-dollar-quoting --rows-per-insert=2"} {
		dump, err := exec.Command("pg_dump", append(strings.Fields(args), "-d", database)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		checkDump(t, newPsql(t), string(dump), 50, "-- PostgreSQL database dump")
	}
}

// TestMySQLDump holds that dumps by mariadb-dump, with stored programs,
// executable comments and DELIMITER, are cut as the mysql client cuts them.
func TestMySQLDump(t *testing.T) {
	database := testdb.MySQL(t)
	schema, _, _ := strings.Cut(readScript(t, "mysql/schema.sql"), "SELECT 1 + 2")
	runMySQL(t, database, schema, "mariadb", "--comments")
	for _, args := range []string{"--opt", "--skip-opt --hex-blob", "--skip-extended-insert --complete-insert"} {
		dump := runMySQL(t, database, "", "mariadb-dump", append(strings.Fields(args), "--routines", "--triggers", "--events")...)
		checkDump(t, newMySQLClient(t, "--comments"), string(dump), 50, "-- MariaDB dump")
	}
}

// checkDump compares where the scanner and a client cut a dump of at least so
// many statements, and looks for a line in the comment at its beginning.
func checkDump(t *testing.T, c client, dump string, least int, comment string) {
	t.Helper()
	problems, compared := c.disagreements(t, []string{dump})
	if len(problems) > 0 || compared < least {
		t.Errorf("%d statements, %v\nof %s", compared, problems, dump)
	}
	s := New(strings.NewReader(dump), c.dialect)
	for s.Scan() {
	}
	if s.Err() != nil || !strings.Contains(s.Comment(), comment) {
		t.Errorf("error %v, comment %q", s.Err(), s.Comment())
	}
}
