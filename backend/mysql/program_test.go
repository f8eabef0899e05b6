package mysql_test

import (
	"context"
	"errors"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"

	neturl "net/url"
)

// An outside program gets the URL without the password as its argument, and
// with it in its environment.
func TestPrograms(t *testing.T) {
	url := managed(t)
	name := ask(t, url, "SELECT DATABASE()")
	do(t, url, "CREATE USER 'prog'@'%' IDENTIFIED BY 'se cret'; GRANT ALL ON "+name+".* TO 'prog'@'%'")
	u, _ := neturl.Parse(url)
	u.User = neturl.UserPassword("prog", "se cret")
	mustUp(t, u.String(), files{
		"0001-a.sh": `set -e
			test "$1" = "mysql://prog@` + u.Host + u.Path + `"
			test "$MYSQL_PWD" = "se cret"
			test "$DATABASE_URL" = "` + u.String() + `"
			mariadb --no-defaults --protocol=tcp --host=` + u.Hostname() + ` --port=` + u.Port() + ` --user=prog ` + name + ` -e 'CREATE TABLE p (id INT)'`,
		"0002-b.sql": "INSERT INTO p VALUES (1);",
	})
	at(t, url, 2)
	_, err := up(t, u.String(), files{"0003-c.sh": "echo no; exit 3", "0001-a.sh": "", "0002-b.sql": ""})
	if err == nil {
		t.Fatal("no error")
	}
	expect(t, url, "SELECT name, state FROM _fastmigrate_history", "0001-a.sh|applied 0002-b.sql|applied 0003-c.sh|failed")
}

// A program that never ended is not run again by itself.
func TestProgramCutOff(t *testing.T) {
	url := managed(t)
	b := open(t, url)
	s, err := b.Session(t.Context(), backend.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w := backend.Work{
		Step:  migration.Step{Migration: migration.Migration{Version: 1, Up: &migration.Program{Name: "0001-a.sh", Language: migration.KindShell}}, From: "0", To: "1"},
		Entry: migration.Entry{Kind: migration.Files, From: "0", To: "1", Name: "0001-a.sh"},
	}
	if _, err := s.Begin(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f := files{"0001-a.sh": "exit 0"}
	if err := fails(t, url, f, "--retry 1", "mark 1"); !errors.Is(err, migration.ErrUnfinished) {
		t.Error(err)
	}
	v := migration.Version(1)
	if _, err := to(context.Background(), t, url, f, plan.Goal{Retry: &v}, fastmigrate.Options{}); err != nil {
		t.Error(err)
	}
	at(t, url, 1)
}

// Down runs the other way, and mark runs nothing.
func TestDownAndMark(t *testing.T) {
	url := managed(t)
	f := files{"0001-a.sql": "CREATE TABLE a (id INT);", "0002-b.sql": "CREATE TABLE b (id INT); BAD;", "rollback/0001-a.sql": "DROP TABLE a;"}
	fails(t, url, f, "0002-b.sql:1:", "1 of its 2")
	b := open(t, url)
	m, err := fastmigrate.New(b, f.source(), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Mark(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	at(t, url, 2)
	if err := m.Mark(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	at(t, url, 0)
	expect(t, url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'a'", "0")
}
