package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/migration"
)

// A script that manages its own transactions is recorded in each of its
// commits, and goes on after the last of them.
func TestOwnTransactions(t *testing.T) {
	d := managed(t)
	script := "SET search_path = public;\nBEGIN;\nCREATE TABLE a (x int);\nCOMMIT;\nINSERT INTO a VALUES (1);\nBEGIN; INSERT INTO a VALUES (2); COMMIT;\nBEGIN;\nINSERT INTO nix VALUES (1);\nCOMMIT;"
	_, err := d.up(files{"0001-a": script})
	if err == nil || !strings.Contains(err.Error(), "0001-a.sql:8:13") || !strings.Contains(migration.HintOf(err), "4 of its 5 commits are applied") {
		t.Fatalf("%v\n%s", err, migration.HintOf(err))
	}
	d.expect(entries, "0001-a.sql|failed|4")
	d.expect("SELECT string_agg(x::text, ',') FROM a", "1,2")
	d.expect(version, "0")

	if _, err := d.up(files{"0001-a": strings.Replace(script, "(2)", "(3)", 1)}); !errors.Is(err, migration.ErrChanged) {
		t.Errorf("an edited beginning: %v", err)
	}
	d.mustUp(files{"0001-a": strings.Replace(script, "INTO nix", "INTO a", 1)})
	d.expect(entries, "0001-a.sql|applied|5")
	d.expect("SELECT string_agg(x::text, ',') FROM a", "1,2,1")
	d.expect(version, "1")
}

// Statements that must stand outside of a transaction are each recorded.
func TestOutside(t *testing.T) {
	d := managed(t)
	d.mustUp(files{
		"0001-a": "CREATE TABLE a (x int);\nCREATE INDEX CONCURRENTLY i ON a (x);\nVACUUM ANALYZE a;\nINSERT INTO a VALUES (1);",
		"0002-b": "VACUUM",
		"0003-c": "-- fastmigrate: no-transaction\nCREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO a VALUES (2); COMMIT; END $$;\nCALL p();\nDO $$ BEGIN INSERT INTO a VALUES (3); COMMIT; END $$;\nCOPY a FROM STDIN;\n4\n5\n\\.\nREINDEX INDEX CONCURRENTLY i;",
	})
	d.expect(entries, "0001-a.sql|applied|4 0002-b.sql|applied|1 0003-c.sql|applied|5")
	d.expect("SELECT string_agg(x::text, ',') FROM a", "1,2,3,4,5")
	d.expect(version, "3")
	d.expect("SELECT string_agg(error, '') FROM _fastmigrate_history", "")
}

// A statement that fails is where the next run goes on.
func TestOutsideFails(t *testing.T) {
	d := managed(t)
	script := "-- fastmigrate: no-transaction\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (nix);\nINSERT INTO a VALUES (3);"
	_, err := d.up(files{"0001-a": script})
	if err == nil || !strings.Contains(err.Error(), "0001-a.sql:4:23") || !strings.Contains(migration.HintOf(err), "2 of its 4") {
		t.Fatalf("%v\n%s", err, migration.HintOf(err))
	}
	d.expect(entries, "0001-a.sql|failed|2")
	d.mustUp(files{"0001-a": strings.Replace(script, "nix", "2", 1)})
	d.expect("SELECT string_agg(x::text, ',') FROM a", "1,2,3")
}

// What needs to stand outside, and is not known to, says what to do.
func TestNeedsOutside(t *testing.T) {
	d := managed(t)
	d.exec("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE a (m mood)")
	for script, hint := range map[string]string{
		"DO $$ BEGIN COMMIT; END $$":                                    "fastmigrate: no-transaction",
		"ALTER TYPE mood ADD VALUE 'ok';\nINSERT INTO a VALUES ('ok');": "next migration",
	} {
		_, err := d.up(files{"0001-a": script})
		if !strings.Contains(migration.HintOf(err), hint) {
			t.Errorf("%s: %v, hint %s", script, err, migration.HintOf(err))
		}
		d.expect(version, "0")
	}
	d.mustUp(files{"0001-a": "ALTER TYPE mood ADD VALUE 'ok';", "0002-b": "INSERT INTO a VALUES ('ok');"})
	d.mustUp(files{"0003-a": "-- fastmigrate: no-transaction\nALTER TYPE mood ADD VALUE 'fine';\nINSERT INTO a VALUES ('fine');"})
	d.expect("SELECT string_agg(m::text, ',') FROM a", "ok,fine")
}

// An index that is left behind INVALID is found, named, and built anew with
// repair.
func TestInvalidIndex(t *testing.T) {
	for _, name := range []string{"i", `"Odd ""i"`, "IF NOT EXISTS i"} {
		t.Run(name, func(t *testing.T) {
			d := managed(t)
			d.exec("CREATE TABLE a (x int); INSERT INTO a VALUES (1), (1)")
			f := files{"0001-i": "CREATE TABLE b (x int);\nCREATE UNIQUE INDEX CONCURRENTLY " + name + " ON public.a (x);\nCREATE TABLE c (x int);"}
			_, err := d.up(f)
			if err == nil || !strings.Contains(err.Error(), "0001-i.sql:2:1: could not create unique index") || !strings.Contains(migration.HintOf(err), "--repair") {
				t.Fatalf("%v\n%s", err, migration.HintOf(err))
			}
			d.expect(entries, "0001-i.sql|failed|1")
			_, err = d.up(f)
			if err == nil || !strings.Contains(err.Error(), "is there and INVALID") || !strings.Contains(migration.HintOf(err), "--repair") {
				t.Fatalf("%v\n%s", err, migration.HintOf(err))
			}
			findings, err := open(t, d.url).Verify(context.Background())
			if err != nil || len(findings) != 1 || !strings.Contains(findings[0].Message, "INVALID") {
				t.Errorf("verify: %v, %v", findings, err)
			}
			d.exec("DELETE FROM a WHERE ctid = '(0,2)'")
			result, err := d.repair(f)
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Findings) != 1 || !strings.Contains(result.Findings[0].Message, "which was dropped") {
				t.Error(result.Findings)
			}
			d.expect("SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid = 'a'::regclass", "1|true")
			d.expect(entries, "0001-i.sql|applied|3")
			d.expect(version, "1")
		})
	}
}

// repair applies the only file, from where it stands, with repair.
func (d *db) repair(f files) (backend.Result, error) {
	return d.session(backend.SessionOptions{Repair: true}, f)
}

// session applies the only file in a session of its own.
func (d *db) session(o backend.SessionOptions, f files) (backend.Result, error) {
	d.Helper()
	ctx := context.Background()
	b := open(d.T, d.url)
	w, err := d.work(b, f)
	if err != nil {
		return backend.Result{}, err
	}
	s, err := b.Session(ctx, o)
	if err != nil {
		d.Fatal(err)
	}
	defer s.Close()
	return s.Apply(ctx, w)
}

// work returns the work that the only file is, resumed where the history says.
func (d *db) work(b *postgres.Backend, f files) (backend.Work, error) {
	d.Helper()
	ctx := context.Background()
	p, err := f.migrator(d.T, d.url, fastmigrate.Options{}).Plan(ctx, fastmigrate.Goal{})
	if err != nil {
		return backend.Work{}, err
	}
	s := p.Steps[0]
	return backend.Work{Step: s.Step, Resume: s.Resume, Entry: migration.Entry{
		Kind: migration.Files, From: s.From, To: s.To, Name: s.File(), Checksum: s.Traits.Checksum}}, nil
}
