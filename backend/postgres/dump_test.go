package postgres_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// rich is a schema with something of everything that pg_dump writes.
const rich = `
CREATE EXTENSION IF NOT EXISTS plpgsql;
CREATE SCHEMA app; COMMENT ON SCHEMA app IS 'it''s; $$ a comment';
CREATE TYPE app.mood AS ENUM ('sad', 'o''k', 'happy');
CREATE DOMAIN app.positive AS int CHECK (VALUE > 0);
CREATE TYPE app.pair AS (a int, b text);
CREATE SEQUENCE app.numbers START 7;
CREATE TABLE app.people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, m app.mood DEFAULT 'o''k', age app.positive, born date, doc jsonb, tags text[], raw bytea,
	upper text GENERATED ALWAYS AS (upper(name)) STORED);
CREATE TABLE app.orders (id int DEFAULT nextval('app.numbers'), person bigint REFERENCES app.people DEFERRABLE INITIALLY DEFERRED, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE app.orders_2025 PARTITION OF app.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE app.orders_rest PARTITION OF app.orders DEFAULT;
CREATE INDEX ON app.orders (at); CREATE INDEX odd ON app.people (lower(name)) WHERE age > 18;
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN -- a semicolon; here
  NEW.name := trim(NEW.name) || ''; RETURN NEW;
END $body$;
CREATE FUNCTION app.twice(x int) RETURNS int LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT x * 2; END;
CREATE PROCEDURE app.go() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CREATE TRIGGER touch BEFORE INSERT ON app.people FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE VIEW app.adults AS SELECT * FROM app.people WHERE age >= 18;
CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) AS n FROM app.people;
CREATE RULE nothing AS ON DELETE TO app.adults DO INSTEAD (SELECT 1; SELECT 2);
CREATE TABLE "odd ""name; --" ("select" int, "ü" text);
COMMENT ON TABLE app.people IS E'two\nlines \\ and a backslash';
ALTER TABLE app.people ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON app.people USING (name = current_user);
GRANT SELECT ON app.people TO dump_reader;
ALTER TABLE app.orders OWNER TO dump_owner;
GRANT ALL ON SCHEMA app TO dump_owner;
INSERT INTO app.people (name, m, age, born, doc, tags, raw) VALUES (' Ann ', 'happy', 30, '1990-01-01', '{"a": [1, "\\n"]}', '{a,"b c",NULL}', '\x00ff'),
	(E'tab\there\\. and\nnewline', 'sad', NULL, NULL, NULL, NULL, NULL), ('\.', NULL, 1, NULL, NULL, '{}', '');
INSERT INTO app.orders SELECT i, 1 + i % 3, '2024-06-01'::timestamptz + i * interval '1 day' FROM generate_series(1, 500) AS i;
INSERT INTO "odd ""name; --" VALUES (1, E'a;\n-- b'), (2, '$$');
SELECT setval('app.numbers', 42); REFRESH MATERIALIZED VIEW app.counted;`

// dump returns what pg_dump writes, without what it makes up anew each time.
func dump(t *testing.T, url string, options ...string) string {
	t.Helper()
	cmd := exec.Command("pg_dump", append(options, url)...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &complaint)
	}
	return regexp.MustCompile(`(?m)^\\(un)?restrict .*$`).ReplaceAllString(string(out), "")
}

// What pg_dump writes runs as a migration and gives the same dump back. It
// empties search_path, has COPY blocks and sets owners: the record lands where
// it belongs all the same, and the next migration notices nothing.
func TestDump(t *testing.T) {
	from := managed(t)
	from.exec("DO $$ BEGIN CREATE ROLE dump_owner SUPERUSER; CREATE ROLE dump_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
	from.exec(strings.ReplaceAll(rich, "CREATE EXTENSION IF NOT EXISTS plpgsql;", ""))
	ours := []string{"--exclude-table=_meta", "--exclude-table=_fastmigrate_*"}
	text := dump(t, from.url, ours...)
	for _, kind := range []string{"copy", "inserts", "session authorization"} {
		t.Run(kind, func(t *testing.T) {
			script := text
			switch kind {
			case "inserts":
				script = dump(t, from.url, append(ours, "--inserts")...)
			case "session authorization":
				script = dump(t, from.url, append(ours, "--use-set-session-authorization")...)
			}
			to := managed(t)
			to.mustUp(files{"0001-dump": script, "0002-next": "CREATE TABLE next (x int); SELECT count(*) FROM app.people;"})
			to.expect(version, "2")
			to.expect(entries, "0001-dump.sql|applied|0 0002-next.sql|applied|0")
			to.expect("SELECT schemaname FROM pg_tables WHERE tablename IN ('next', '_meta')", "public public")
			to.exec("DROP TABLE next")
			if got := dump(t, to.url, ours...); got != text {
				t.Errorf("another dump came back:\n%s", difference(text, got))
			}
		})
	}
}

// difference returns the first lines in which two texts differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "- " + x[i] + "\n+ " + y[i]
		}
	}
	return "one is longer"
}

// Whatever a script does to its connection, the next finds it as new.
func TestNothingLeaks(t *testing.T) {
	for name, script := range map[string]string{
		"wrapped": "", "own transaction": "BEGIN; CREATE TABLE own (x int); COMMIT;\n", "statements": "-- fastmigrate: no-transaction\n",
	} {
		t.Run(name, func(t *testing.T) {
			d := managed(t)
			d.exec("DO $$ BEGIN CREATE ROLE leak; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT ALL ON SCHEMA public TO leak; CREATE SCHEMA evil")
			d.mustUp(files{
				"0001-a": script + `SET search_path = evil; SET work_mem = '1MB'; SET statement_timeout = '1h'; CREATE TEMP TABLE temporary (x int);
					PREPARE p AS SELECT 1; SELECT pg_advisory_lock(7); LISTEN x; SELECT set_config('my.thing', 'x', false); SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
					DECLARE c CURSOR WITH HOLD FOR SELECT 1; SET ROLE leak;`,
				"0002-b": `CREATE TABLE seen AS SELECT current_user::text AS who, current_schema()::text AS s, current_setting('work_mem') AS m, current_setting('statement_timeout') AS t,
					to_regclass('temporary')::text AS tmp, (SELECT count(*) FROM pg_prepared_statements) AS p, (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS l,
					(SELECT count(*) FROM pg_listening_channels()) AS n, coalesce(current_setting('my.thing', true), '') AS c, (SELECT count(*) FROM pg_cursors) AS cursors`,
			})
			d.expect("SELECT * FROM seen", "postgres|public|4MB|0|<nil>|0|0|0||0")
		})
	}
}
