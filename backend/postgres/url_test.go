package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
)

// odd is a password with everything in it that means something in a URL.
const odd = `s3cr3t @:/?#[]%&=+ "'\ü`

// said returns all that an error tells a person.
func said(err error) string {
	text := fmt.Sprintf("%v\n%+v\n%s", err, err, migration.HintOf(err))
	for e := err; e != nil; e = errors.Unwrap(e) {
		text += "\n" + e.Error()
	}
	return text
}

// A password with special characters works, on a server that asks for it; and
// whatever fails, it is never told.
func TestPassword(t *testing.T) {
	server := testdb.PostgresServer(t, "password_encryption=scram-sha-256")
	ctx := context.Background()
	admin := &db{t, server.NewDatabase(t)}
	admin.exec("CREATE ROLE someone LOGIN PASSWORD '" + strings.ReplaceAll(odd, "'", "''") + "'")
	admin.exec("DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' OWNER TO someone'; END $$; GRANT ALL ON SCHEMA public TO someone")
	admin.exec("COPY (SELECT 'host all someone 127.0.0.1/32 scram-sha-256') TO PROGRAM 'cat - pg_hba.conf > hba && cp hba pg_hba.conf'; SELECT pg_reload_conf()")
	u, err := url.Parse(admin.url)
	if err != nil {
		t.Fatal(err)
	}
	with := func(password string) string {
		return "postgres://someone:" + url.QueryEscape(strings.ReplaceAll(password, " ", "\x00")) + "@" + u.Host + u.Path
	}
	good := strings.ReplaceAll(with(odd), "%00", "%20")
	parameter := "postgres://someone@" + u.Host + u.Path + "?password=" + strings.ReplaceAll(url.QueryEscape(odd), "+", "%20")
	for { // the server reads its configuration when it comes to it
		_, err := open(t, with("wrong")).State(ctx)
		if err != nil && strings.Contains(err.Error(), "28P01") {
			break
		}
	}
	for _, address := range []string{good, parameter} {
		b := open(t, address)
		if err := b.Create(ctx); err != nil && !errors.Is(err, migration.ErrManaged) {
			t.Fatalf("%v", err)
		}
		if strings.Contains(b.BackupCommand(), "s3cr3t") || !strings.Contains(b.BackupCommand(), "pg_dump") {
			t.Error(b.BackupCommand())
		}
		s, err := b.Session(ctx, backend.SessionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w := backend.Work{
			Step:  migration.Step{Migration: migration.Migration{Version: 1, Up: &migration.Program{Name: "0001-x.sh"}}, From: "0", To: "1"},
			Entry: migration.Entry{Kind: migration.Files, From: "0", To: "1", Name: "0001-x.sh"},
		}
		launch, err := s.Begin(ctx, w)
		if err != nil {
			t.Fatal(err)
		}
		env := strings.Join(launch.Env, "\n")
		if strings.Contains(launch.Argument, "s3cr3t") || !strings.Contains(launch.Argument, "someone@"+u.Host+u.Path) ||
			!strings.Contains(env, "PGPASSWORD="+odd) || !strings.Contains(env, "DATABASE_URL="+address) {
			t.Errorf("%q, %q", launch.Argument, launch.Env)
		}
		if _, err := s.End(ctx, w, errors.New("it failed")); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}

	for name, address := range map[string]string{
		"wrong":          strings.Replace(good, "s3cr3t", "s3cr3tx", 1),
		"no database":    strings.Replace(good, u.Path, "/nix", 1),
		"no server":      strings.Replace(good, u.Host, "127.0.0.1:1", 1),
		"no host":        strings.Replace(good, u.Host, "nowhere.invalid", 1),
		"unescaped":      "postgres://someone:" + odd + "@" + u.Host + u.Path,
		"unescaped @":    "postgres://someone:s3cr3t@s3cr3t@" + u.Host + u.Path,
		"unescaped %":    "postgres://someone:s3cr3t%zz@" + u.Host + u.Path,
		"unescaped #":    "postgres://someone:s3cr3t#s3cr3t@" + u.Host + u.Path,
		"port":           "postgres://someone:s3cr3t@localhost:s3cr3t/x",
		"lock":           good + "?lock=s3cr3t",
		"lock_timeout":   good + "?lock_timeout=s3cr3t",
		"sslmode":        good + "?sslmode=s3cr3t",
		"another scheme": "mysql://someone:s3cr3t@localhost/x",
		"not a URL":      "s3cr3t",
		"keywords":       "host=localhost password=s3cr3t",
		"no schema":      good + "?schema=nix",
	} {
		b, err := postgres.Open(address, postgres.Options{})
		if err == nil {
			_, err = b.State(ctx)
		}
		if err == nil || strings.Contains(said(err), "s3cr3t") || migration.HintOf(err) == "" {
			t.Errorf("%s: %s", name, said(err))
		}
	}
	f := files{"0001-a": "SELECT nix"}
	if _, err := f.migrator(t, good, fastmigrate.Options{}).Up(ctx); err == nil || strings.Contains(said(err), "s3cr3t") {
		t.Error(said(err))
	}
	admin.expect("SELECT count(*) FROM _fastmigrate_history WHERE to_jsonb(_fastmigrate_history)::text LIKE '%s3cr3t%'", "0")
}

// Our own parameters are taken out of the URL, and override the options.
func TestParameters(t *testing.T) {
	d := &db{t, testdb.Postgres(t)}
	d.exec(`CREATE SCHEMA first; CREATE SCHEMA "$user"`)
	d.create(d.url + "?schema=Odd%20%22s&history=h%241&lock=row&lock_timeout=3&retries=0&application_name=mine")
	_, err := d.upOn(d.url+"?schema=Odd%20%22s&history=h%241&lock=row&application_name=mine&options=-csearch_path%3Dfirst", files{
		"0001-a": "CREATE TABLE a AS SELECT current_setting('application_name') AS n, current_setting('lock_timeout') AS t"})
	if err != nil {
		t.Fatal(err)
	}
	d.expect("SELECT n, t FROM first.a", "mine|5s")
	d.expect(`SELECT version FROM "Odd ""s"._meta`, "1")
	d.expect(`SELECT name FROM "Odd ""s"."h$1"`, "0001-a.sql")
	d.expect("SELECT to_regclass('public._meta')", "<nil>")
}

// Without a schema in the URL the tables stay where they are, also when a
// schema comes to stand before theirs on the search path.
func TestSchemaStays(t *testing.T) {
	d := managed(t)
	d.mustUp(files{"0001-a": "CREATE SCHEMA postgres", "0002-b": "CREATE TABLE b (x int)"})
	d.mustUp(files{"0003-c": "CREATE TABLE c (x int)"})
	d.expect("SELECT schemaname, tablename FROM pg_tables WHERE tablename IN ('_meta', 'b', 'c') ORDER BY 2", "public|_meta postgres|b postgres|c")
}
