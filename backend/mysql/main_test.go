package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/mysql"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/source"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// files is a folder of migrations: names and texts.
type files map[string]string

func (f files) source() *source.Files {
	fsys := fstest.MapFS{}
	for name, text := range f {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return source.FS(fsys)
}

// soon is an expiry of locks for tests in which a run is killed.
const soon = 300 * time.Millisecond

// open returns a backend that is closed with the test.
func open(t testing.TB, url string) *mysql.Backend {
	t.Helper()
	b, err := mysql.Open(url, mysql.Options{LockExpiry: soon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// managed returns the URL of a new database with a version table.
func managed(t testing.TB) string {
	t.Helper()
	url := testdb.MySQL(t)
	create(t, url)
	return url
}

func create(t testing.TB, url string) {
	t.Helper()
	if err := open(t, url).Create(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// up brings the database to the newest version.
func up(t testing.TB, url string, f files) (*fastmigrate.Report, error) {
	t.Helper()
	return to(t.Context(), t, url, f, plan.Goal{}, fastmigrate.Options{})
}

func to(ctx context.Context, t testing.TB, url string, f files, g plan.Goal, o fastmigrate.Options) (*fastmigrate.Report, error) {
	t.Helper()
	b, err := mysql.Open(url, mysql.Options{LockExpiry: soon})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	m, err := fastmigrate.New(b, f.source(), o)
	if err != nil {
		t.Fatal(err)
	}
	return m.Run(ctx, g)
}

func mustUp(t testing.TB, url string, f files) *fastmigrate.Report {
	t.Helper()
	report, err := up(t, url, f)
	if err != nil {
		t.Fatalf("%v\nstatement: %s\nhint: %s", err, statementOf(err), migration.HintOf(err))
	}
	return report
}

func statementOf(err error) string {
	var e *migration.Error
	if errors.As(err, &e) {
		return e.Statement
	}
	return ""
}

// fails is up where something must go wrong: the error and its hint hold the
// words.
func fails(t testing.TB, url string, f files, words ...string) error {
	t.Helper()
	_, err := up(t, url, f)
	mention(t, err, words...)
	return err
}

func mention(t testing.TB, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error() + "\nhint: " + migration.HintOf(err)
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not in: %s", word, text)
		}
	}
}

// raw opens the database as any other program would.
func raw(t testing.TB, at string) *sql.DB {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	c := driver.NewConfig()
	c.User, c.Net, c.Addr, c.DBName = u.User.Username(), "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	c.Passwd, _ = u.User.Password()
	c.MultiStatements = true
	c.Logger = &driver.NopLogger{}
	connector, err := driver.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

func do(t testing.TB, url, statement string) {
	t.Helper()
	if _, err := raw(t, url).Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// ask returns the rows of a query, values with | between them and rows with a
// blank.
func ask(t testing.TB, url, query string) string {
	t.Helper()
	rows, err := raw(t, url).Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var all []string
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		words := make([]string, len(columns))
		for i, v := range values {
			words[i] = v.String
		}
		all = append(all, strings.Join(words, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(all, " ")
}

func expect(t testing.TB, url, query, want string) {
	t.Helper()
	if got := ask(t, url, query); got != want {
		t.Errorf("%s\n got %s\nwant %s", query, got, want)
	}
}

// at checks the version, and that nothing of a run is left.
func at(t testing.TB, url string, version int) {
	t.Helper()
	expect(t, url, "SELECT id, version FROM _meta", fmt.Sprintf("1|%d", version))
	expect(t, url, "SELECT owner FROM _fastmigrate_lock", "")
	expect(t, url, "SELECT count(*) FROM _fastmigrate_progress", "0")
}

// proxied returns a URL that leads to the same database by way of a proxy.
func proxied(t testing.TB, direct string, o testdb.ProxyOptions) (*url.URL, *testdb.Proxy) {
	t.Helper()
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	proxy := testdb.NewProxy(t, u.Host, o)
	u.Host = proxy.Addr()
	return u, proxy
}
