package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Who a script says it is stays so from one of its transactions to the next,
// and the record is written by who we are.
func TestRoles(t *testing.T) {
	d := managed(t)
	d.exec("DO $$ BEGIN CREATE ROLE weak; EXCEPTION WHEN duplicate_object THEN NULL; END $$; CREATE SCHEMA weak AUTHORIZATION weak")
	d.mustUp(files{
		"0001-a": "SET ROLE weak; SET search_path = weak;\nBEGIN; CREATE TABLE a AS SELECT current_user::text AS who; COMMIT;\nBEGIN; INSERT INTO a SELECT current_user; COMMIT;\nINSERT INTO a SELECT current_user;",
		"0002-b": "SET SESSION AUTHORIZATION weak; SET search_path = weak;\nBEGIN; INSERT INTO a SELECT session_user; COMMIT;\nBEGIN; INSERT INTO a SELECT session_user; COMMIT;",
		"0003-c": "SET SESSION AUTHORIZATION weak; CREATE TABLE weak.c (x int);",
		"0004-d": "INSERT INTO weak.a SELECT session_user || '/' || current_user",
	})
	d.expect("SELECT string_agg(who, ',') FROM weak.a", "weak,weak,weak,weak,weak,postgres/postgres")
	d.expect(version, "4")
}

// killedDuring puts the database where a run that was killed during a statement
// leaves it.
func (d *db) killedDuring(f files, effect string) {
	d.Helper()
	_, err := d.up(f)
	if err == nil {
		d.Fatal("the first run did not fail")
	}
	d.exec("UPDATE _fastmigrate_history SET state = 'begun', error = 'running outside of a transaction: ' || name")
	if effect != "" {
		d.exec(effect)
	}
}

// After a kill during a statement that runs outside of a transaction, one that
// is harmless to repeat is repeated; one whose effect is there already counts
// as done; and where nothing can tell a person is asked.
func TestKilledOutside(t *testing.T) {
	const first = "CREATE TABLE a (x int);\n"
	t.Run("repeatable", func(t *testing.T) {
		d := managed(t)
		f := files{"0001-a": first + "REINDEX INDEX CONCURRENTLY i;\nINSERT INTO a VALUES (1);"}
		d.killedDuring(f, "CREATE INDEX i ON a (x)")
		d.mustUp(f)
		d.expect("SELECT count(*) FROM a", "1")
		d.expect(entries, "0001-a.sql|applied|3")
	})
	for effect, findings := range map[string]int{"DROP INDEX i": 1, "": 0} {
		t.Run("dropped: "+effect, func(t *testing.T) {
			d := managed(t)
			f := files{"0001-a": first + "CREATE INDEX i ON a (x);\nDROP INDEX CONCURRENTLY i;\nINSERT INTO a VALUES (1);"}
			d.mustUp(files{"0001-a": first + "CREATE INDEX i ON a (x);"})
			d.exec("UPDATE _meta SET version = 0; DELETE FROM _fastmigrate_history")
			w, err := d.work(open(t, d.url), f)
			if err != nil {
				t.Fatal(err)
			}
			// What a run writes before the statement.
			sum, _, err := migration.Sum(body(first + "CREATE INDEX i ON a (x);\n"))
			if err != nil {
				t.Fatal(err)
			}
			d.exec("INSERT INTO _fastmigrate_history (kind, from_state, to_state, name, direction, state, segments_done, prefix_checksum, started_at, error) VALUES " +
				"('files', '0', '1', '0001-a.sql', 'up', 'begun', 1, '" + string(sum) + "', '2026-01-01T00:00:00Z', 'running outside of a transaction: line 3')")
			d.exec(effect)
			w.Resume = 1
			s, err := open(t, d.url).Session(context.Background(), backend.SessionOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			result, err := s.Apply(context.Background(), w)
			if err != nil || len(result.Findings) != findings {
				t.Errorf("%v, %v", result.Findings, err)
			}
			d.expect("SELECT count(*), to_regclass('i') FROM a", "1|<nil>")
			d.expect(version, "1")
		})
	}
	t.Run("asked", func(t *testing.T) {
		d := managed(t)
		f := files{"0001-a": "-- fastmigrate: no-transaction\n" + first + "DO $$ BEGIN INSERT INTO a VALUES (1); COMMIT; PERFORM nix(); END $$;\nINSERT INTO a VALUES (2);"}
		d.killedDuring(f, "")
		_, err := d.up(f)
		if !errors.Is(err, migration.ErrUnfinished) || !strings.Contains(err.Error(), "0001-a.sql:3:1") || !strings.Contains(migration.HintOf(err), "--resume-from 2 goes on behind it") {
			t.Fatalf("%v\n%s", err, migration.HintOf(err))
		}
		w, err := d.work(open(t, d.url), f)
		if err != nil {
			t.Fatal(err)
		}
		w.Resume, w.Trusted = 2, true
		s, err := open(t, d.url).Session(context.Background(), backend.SessionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Apply(context.Background(), w); err != nil {
			t.Fatal(err)
		}
		d.expect("SELECT string_agg(x::text, ',') FROM a", "1,2")
		d.expect(entries, "0001-a.sql|applied|3")
	})
}
