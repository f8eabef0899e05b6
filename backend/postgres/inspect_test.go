package postgres_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/migration"
)

func body(text string) *migration.SQL {
	return &migration.SQL{Name: "0001-x.sql", Reader: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func inspect(t *testing.T, text string) (migration.Traits, error) {
	t.Helper()
	b, err := postgres.Open("postgres://nobody@nowhere/none", postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b.Inspect(context.Background(), body(text))
}

// words says what traits a script has, in order.
func words(traits migration.Traits) string {
	var w []string
	for _, one := range []struct {
		is   bool
		word string
	}{{traits.Wrapped, "wrapped"}, {traits.OwnTransaction, "own"}, {traits.Outside, "outside"}, {traits.SessionState, "session"}, {traits.TemporaryObjects, "temporary"}} {
		if one.is {
			w = append(w, one.word)
		}
	}
	return strings.Join(w, " ")
}

func TestInspect(t *testing.T) {
	for text, want := range map[string]struct {
		words    string
		segments int
	}{
		"": {"wrapped", 0},
		"CREATE TABLE a (x int); INSERT INTO a VALUES (1)":                 {"wrapped", 1},
		"SET search_path = x; SELECT 1":                                    {"wrapped session", 1},
		"SET LOCAL search_path = x; SELECT 1":                              {"wrapped", 1},
		"SELECT pg_catalog.set_config('search_path', '', false); SELECT 1": {"wrapped session", 1},
		"CREATE TEMP TABLE a (x int)":                                      {"wrapped session temporary", 1},
		"CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1":                   {"wrapped session temporary", 1},
		"CREATE INDEX CONCURRENTLY ON a (x)":                               {"outside", 1},
		"create unique index concurrently i on a (x)":                      {"outside", 1},
		"CREATE /* c */ INDEX -- d\n CONCURRENTLY i ON a (x)":              {"outside", 1},
		"CREATE INDEX \"concurrently\" ON a (x)":                           {"wrapped", 1},
		"DROP INDEX CONCURRENTLY i":                                        {"outside", 1},
		"REINDEX INDEX CONCURRENTLY i":                                     {"outside", 1},
		"REINDEX (VERBOSE, CONCURRENTLY) INDEX i":                          {"outside", 1},
		"REINDEX DATABASE d":                                               {"outside", 1},
		"REINDEX SCHEMA s":                                                 {"outside", 1},
		"REINDEX TABLE t":                                                  {"wrapped", 1},
		"VACUUM":                                                           {"outside", 1},
		"VACUUM (ANALYZE) t":                                               {"outside", 1},
		"ANALYZE t":                                                        {"wrapped", 1},
		"ALTER SYSTEM SET work_mem = '1MB'":                                {"outside", 1},
		"CREATE DATABASE d":                                                {"outside", 1},
		"DROP DATABASE IF EXISTS d":                                        {"outside", 1},
		"ALTER DATABASE d SET TABLESPACE t":                                {"outside", 1},
		"ALTER DATABASE d SET work_mem = '1MB'":                            {"wrapped", 1},
		"CREATE TABLESPACE t LOCATION '/x'":                                {"outside", 1},
		"DROP TABLESPACE t":                                                {"outside", 1},
		"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p":                {"outside", 1},
		"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (create_slot = false)": {"wrapped", 1},
		"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = 'off')":     {"wrapped", 1},
		"DROP SUBSCRIPTION s": {"outside", 1},
		"CLUSTER":             {"outside", 1},
		"CLUSTER VERBOSE;":    {"outside", 1},
		"CLUSTER t":           {"wrapped", 1},
		"ALTER TABLE t DETACH PARTITION p CONCURRENTLY":                                             {"outside", 1},
		"ALTER TYPE t ADD VALUE 'x'":                                                                {"wrapped", 1},
		"COMMIT PREPARED 'x'":                                                                       {"outside", 1},
		"COPY a FROM STDIN;\n1\n\\.\nSELECT 1":                                                      {"wrapped", 1},
		"BEGIN; CREATE TABLE a (x int); COMMIT; BEGIN; CREATE TABLE b (x int); END":                 {"own", 2},
		"START TRANSACTION; CREATE TABLE a (x int); COMMIT; SET x = 1":                              {"own session", 1},
		"BEGIN; CREATE TABLE a (x int); ROLLBACK; CREATE TABLE b (x int)":                           {"own", 1},
		"BEGIN; SAVEPOINT s; ROLLBACK TO s; RELEASE s; COMMIT":                                      {"own", 0},
		"CREATE TABLE a (x int); VACUUM a; CREATE TABLE b (x int)":                                  {"outside", 3},
		"CREATE TABLE a (x int); CREATE INDEX CONCURRENTLY ON a (x); SET x = 1":                     {"outside session", 2},
		"-- fastmigrate: no-transaction\nCREATE TABLE a (x int); CREATE TABLE b (x int); CALL p()":  {"", 3},
		"-- fastmigrate: no-transaction\nCOPY a FROM STDIN;\n1\n\\.\nSET x = 1; SELECT 1":           {"outside session", 2},
		"CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END; VACUUM": {"outside", 2},
		"DO $$ BEGIN COMMIT; END $$":                                                                {"wrapped", 1},
	} {
		traits, err := inspect(t, text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := words(traits); got != want.words || traits.Segments != want.segments || traits.Checksum == "" {
			t.Errorf("%q: %q, %d segments; want %q, %d", text, got, traits.Segments, want.words, want.segments)
		}
	}
}

// What must not run is refused with its place before anything runs.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1;\nCOMMIT;":                  "0001-x.sql:2:1: COMMIT without a BEGIN",
		"SELECT 1;\n  END;":                   "0001-x.sql:2:3: COMMIT without a BEGIN",
		"ROLLBACK":                            "0001-x.sql:1:1: ROLLBACK without a BEGIN",
		"ABORT":                               "0001-x.sql:1:1: ROLLBACK without a BEGIN",
		"SELECT 1;\nBEGIN;\nSELECT 2;":        "0001-x.sql:2: BEGIN without a COMMIT",
		"BEGIN;\nBEGIN;":                      "0001-x.sql:2:1: BEGIN inside the transaction of line 1",
		"BEGIN; COMMIT AND CHAIN;":            "AND CHAIN",
		"BEGIN; PREPARE TRANSACTION 'x'":      "PREPARE TRANSACTION",
		"RELEASE s":                           "no such savepoint: s",
		"SAVEPOINT s":                         "SAVEPOINT s is never released",
		"SELECT 1;\n\\i other.sql\n":          "0001-x.sql:2:1",
		"COPY a TO STDOUT":                    "COPY TO STDOUT",
		"COPY a FROM STDIN;\n1\n":             "0001-x.sql:1:1",
		"SELECT 'a":                           "0001-x.sql:1:8",
		"CREATE FUNCTION f() AS $$ SELECT 1;": "0001-x.sql:1",
	} {
		_, err := inspect(t, text)
		var e *migration.Error
		if !errors.Is(err, migration.ErrRefused) || !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Hint == "" {
			t.Errorf("%q: %v; want %s", text, err, want)
		}
	}
}

// A script may be a million rows, each a statement: to know what it is must not
// cost memory for each.
func TestInspectManyRows(t *testing.T) {
	b, err := postgres.Open("postgres://nobody@nowhere/none", postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	script := body("CREATE TABLE a (x int, y text);\n" + strings.Repeat("INSERT INTO a (x, y) VALUES (1, 'one'), (2, 'two'), (3, 'three');\n", 10000))
	allocated := testing.AllocsPerRun(3, func() {
		traits, err := b.Inspect(context.Background(), script)
		if err != nil || traits.Statements != 10001 {
			t.Fatalf("%d statements, %v", traits.Statements, err)
		}
	})
	if allocated > 6000 { // of the first 32 KB it is asked, too, whether they may go with other scripts
		t.Errorf("%.0f allocations for 10,000 rows", allocated)
	}
}
