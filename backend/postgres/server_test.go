package postgres_test

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
)

// What is not there is told from what can't be used.
func TestStates(t *testing.T) {
	ctx := context.Background()
	d := &db{t, testdb.Postgres(t)}
	b := open(t, d.url)
	expect := func(what string, want error) {
		t.Helper()
		if _, err := b.State(ctx); !errors.Is(err, want) || migration.HintOf(err) == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	expect("empty", migration.ErrNotManaged)
	if entries, err := b.History(ctx); err != nil || entries != nil {
		t.Errorf("%v, %v", entries, err)
	}
	d.exec("CREATE TABLE other (x int)")
	if err := b.Create(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.Create(ctx); !errors.Is(err, migration.ErrManaged) {
		t.Errorf("created twice: %v", err)
	}
	if err := b.Enroll(ctx, migration.Entry{To: "1"}); !errors.Is(err, migration.ErrManaged) {
		t.Errorf("enrolled: %v", err)
	}
	for _, broken := range []string{
		"DELETE FROM _meta", "ALTER TABLE _meta DROP COLUMN version", "DROP TABLE _meta; CREATE TABLE _meta (id int, version text); INSERT INTO _meta VALUES (1, 'x')",
		"UPDATE _meta SET version = '-1'", "INSERT INTO _meta VALUES (1, '3')",
	} {
		d.exec(broken)
		expect(broken, migration.ErrBadVersion)
	}
	b = open(t, strings.Replace(d.url, path.Base(d.url), "nix", 1))
	expect("no database", migration.ErrNoDatabase)
	_, err := b.State(ctx)
	if !strings.Contains(migration.HintOf(err), "create --create-database") {
		t.Error(migration.HintOf(err))
	}
}

func TestCreateDatabase(t *testing.T) {
	ctx := context.Background()
	address := testdb.Postgres(t) + "-Odd%20%22one"
	b := open(t, address)
	if err := b.CreateDatabase(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.CreateDatabase(ctx); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if err := b.Create(ctx); err != nil {
		t.Fatal(err)
	}
	if state, err := b.State(ctx); err != nil || state != "0" {
		t.Error(state, err)
	}
}

// A server is reached over a unix socket too.
func TestSocket(t *testing.T) {
	d := managed(t)
	dir := d.ask("SHOW unix_socket_directories")
	u, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.upOn("postgres:///"+path.Base(u.Path)+"?host="+url.QueryEscape(dir)+"&port="+u.Port()+"&user="+u.User.Username(), files{"0001-a": "SELECT 1"})
	if err != nil {
		t.Fatal(err)
	}
	d.expect(version, "1")
}

// What another tool did to the version meanwhile is not overwritten.
func TestMoved(t *testing.T) {
	for name, script := range map[string]string{
		"wrapped": "CREATE TABLE a (x int)", "own": "BEGIN; CREATE TABLE a (x int); COMMIT;", "outside": "VACUUM",
		"row gone": "DELETE FROM _meta", "in the script": "UPDATE _meta SET version = 7",
	} {
		t.Run(name, func(t *testing.T) {
			d := managed(t)
			b := open(t, d.url)
			w, err := d.work(b, files{"0001-a": script})
			if err != nil {
				t.Fatal(err)
			}
			s, err := b.Session(context.Background(), backend.SessionOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			want := error(migration.ErrMoved)
			at := "5"
			switch name {
			case "row gone":
				want, at = migration.ErrBadVersion, "0"
			case "in the script":
				at = "0"
			default:
				d.exec("UPDATE _meta SET version = 5")
			}
			if _, err := s.Apply(context.Background(), w); !errors.Is(err, want) || migration.HintOf(err) == "" && name != "row gone" {
				t.Errorf("%v", err)
			}
			d.expect(version, at)
			d.expect("SELECT to_regclass('a')", "<nil>")
		})
	}
}

// While an index is built over a long time it is told how far it is.
func TestActivity(t *testing.T) {
	d := managed(t)
	d.exec("CREATE TABLE a (x int)")
	release := d.hold("INSERT INTO a VALUES (1)")
	defer release()
	var told []string
	f := files{"0001-i": "CREATE INDEX CONCURRENTLY slow ON a (x)"}
	m := f.migrator(t, d.url, fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
		if p, ok := e.(fastmigrate.Progressed); ok {
			told = append(told, p.Activity)
			release()
		}
	}})
	if _, err := m.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(told) == 0 || !strings.Contains(told[0], "index slow: waiting for writers before build") {
		t.Errorf("told %q", told)
	}
}
