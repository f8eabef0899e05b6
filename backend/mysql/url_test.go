package mysql_test

import (
	"errors"
	"io/fs"
	neturl "net/url"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend/mysql"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
)

// A password may hold anything, and appears in no message.
func TestPasswords(t *testing.T) {
	url := managed(t)
	const password = `p@ss:/?#[]%&=+ '"\ü`
	name := ask(t, url, "SELECT DATABASE()")
	do(t, url, "CREATE USER 'o''dd@user'@'%' IDENTIFIED BY '"+strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(password)+"'; GRANT ALL ON "+name+".* TO 'o''dd@user'@'%'")
	u, _ := neturl.Parse(url)
	u.User = neturl.UserPassword("o'dd@user", password)
	report := mustUp(t, u.String(), files{"0001-a.sql": "CREATE TABLE a (id INT);"})
	if len(report.Applied) != 1 {
		t.Error("nothing applied")
	}
	for _, wrong := range []string{
		"mysql://user:s3cr%zzet@localhost/x", "mysql://user:s3cret@localhost", "mysql://user:s3cret@local host/x", "postgres://user:s3cret@localhost/x",
		"mysql://user:s3cret@localhost:port/x", "mysql://user:s3cret#x@localhost/x", "mysql://user:s3cret@localhost/x?parseTime=s3cret",
		"mysql://user:s3cret@localhost/x?socket=/s", "mysql:s3cret", "mysql://localhost/x?user=root&Password=s3cret",
	} {
		_, err := mysql.Open(wrong, mysql.Options{})
		if err == nil {
			t.Errorf("%s is taken", wrong)
		} else if strings.Contains(err.Error()+migration.HintOf(err), "s3cr") {
			t.Errorf("the password is in %q", err)
		}
	}
	for _, bad := range []string{
		"mysql://nobody:s3cret@" + u.Host + "/" + name, "mysql://root:s3cret@127.0.0.1:1/" + name, "mysql://root:s3cret@/x?socket=/nowhere/s.sock",
	} {
		b, err := mysql.Open(bad, mysql.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.State(t.Context())
		b.Close()
		if err == nil || strings.Contains(err.Error()+migration.HintOf(err), "s3cr") || migration.HintOf(err) == "" {
			t.Errorf("%v, hint %q", err, migration.HintOf(err))
		}
	}
	b := open(t, u.String())
	if c := b.BackupCommand(); strings.Contains(c, "p@ss") || !strings.HasPrefix(c, "mariadb-dump --single-transaction ") || !strings.Contains(c, "'o'\\''dd@user'") {
		t.Error(c)
	}
}

// The server's socket, settings for the connection and the name of the history
// table are given in the URL.
func TestParameters(t *testing.T) {
	url := managed(t)
	socket := ask(t, url, "SELECT @@socket")
	name := ask(t, url, "SELECT DATABASE()")
	at := "mariadb://root@/" + name + "?socket=" + neturl.QueryEscape(socket) + "&history=other&innodb_lock_wait_timeout=7&timeout=9s&collation=utf8mb4_bin"
	mustUp(t, at, files{"0001-a.sql": "CREATE TABLE a AS SELECT @@innodb_lock_wait_timeout AS n, @@collation_connection AS c;"})
	expect(t, url, "SELECT n, c, (SELECT name FROM other) FROM a", "7|utf8mb4_bin|0001-a.sql")
}

// What is not there, or not as it should be, is said with what to do.
func TestStates(t *testing.T) {
	url := testdb.MySQL(t)
	b := open(t, url)
	check := func(want error, words ...string) {
		t.Helper()
		_, err := b.State(t.Context())
		if !errors.Is(err, want) {
			t.Errorf("%v, not %v", err, want)
		}
		mention(t, err, words...)
	}
	check(migration.ErrNotManaged, "enroll", "create")
	do(t, url, "CREATE TABLE _meta (id INTEGER PRIMARY KEY, version INTEGER)")
	check(migration.ErrNotManaged, "empty")
	if err := b.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if state, err := b.State(t.Context()); err != nil || state != "0" {
		t.Error(state, err)
	}
	if err := b.Create(t.Context()); !errors.Is(err, migration.ErrManaged) {
		t.Error(err)
	}
	do(t, url, "UPDATE _meta SET version = -1")
	check(migration.ErrBadVersion, "-1")
	do(t, url, "DROP TABLE _meta; CREATE TABLE _meta (id INTEGER, version INTEGER); INSERT INTO _meta VALUES (1, 1), (1, 2)")
	check(migration.ErrBadVersion, "several rows")
	do(t, url, "DROP TABLE _meta; CREATE TABLE _meta (id INTEGER, number INTEGER)")
	check(migration.ErrBadVersion, "Unknown column")

	u, _ := neturl.Parse(url)
	u.Path += "_new-and odd"
	b = open(t, u.String())
	check(migration.ErrNoDatabase, "--create-database", "_new-and odd")
	if err := b.CreateDatabase(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(migration.ErrNotManaged)
	if err := b.CreateDatabase(t.Context()); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if err := b.Enroll(t.Context(), migration.Entry{Kind: migration.Files, From: "0", To: "7", Name: "0007-ü.sql", Status: migration.Enrolled}); err != nil {
		t.Fatal(err)
	}
	if state, err := b.State(t.Context()); err != nil || state != "7" {
		t.Error(state, err)
	}
	if err := b.Enroll(t.Context(), migration.Entry{Kind: migration.Files, From: "0", To: "8"}); !errors.Is(err, migration.ErrManaged) {
		t.Error(err)
	}
	if entries, err := b.History(t.Context()); err != nil || len(entries) != 1 || entries[0].Name != "0007-ü.sql" {
		t.Error(entries, err)
	}
}
