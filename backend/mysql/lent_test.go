package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	neturl "net/url"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/mysql"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/run"
	"github.com/fastmigrate/fastmigrate/source"
)

// callers opens a handle as an application would, with settings of its own.
func callers(t testing.TB, url string) *sql.DB {
	t.Helper()
	u, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	c := driver.NewConfig()
	c.User, c.Net, c.Addr, c.DBName = u.User.Username(), "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	c.Passwd, _ = u.User.Password()
	c.ParseTime, c.InterpolateParams, c.MultiStatements = true, true, true
	c.Params = map[string]string{"sql_mode": "'ANSI_QUOTES'"}
	c.Collation = "latin1_swedish_ci"
	connector, err := driver.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// lender is one way to lend a database, with what is to be done at the end.
type lender struct {
	name string
	lend func(t *testing.T, db *sql.DB) (b *mysql.Backend, on migration.Tx, end func())
}

var lenders = []lender{
	{"*sql.DB", func(_ *testing.T, db *sql.DB) (*mysql.Backend, migration.Tx, func()) {
		return mysql.New(db, mysql.Options{LockExpiry: soon}), db, func() {}
	}},
	{"*sql.Conn", func(t *testing.T, db *sql.DB) (*mysql.Backend, migration.Tx, func()) {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return mysql.NewConn(conn, mysql.Options{LockExpiry: soon}), conn, func() {}
	}},
	{"*sql.Tx", func(t *testing.T, db *sql.DB) (*mysql.Backend, migration.Tx, func()) {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tx.Rollback() })
		return mysql.NewTx(tx, mysql.Options{}), tx, func() {
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
		}
	}},
}

// doors are the three ways of giving migrations, each with one that defines a
// table a, and a second one.
func doors(second string) map[string][2]source.Source {
	f := does("INSERT INTO a VALUES (1)")
	first := "CREATE TABLE a (n INT);"
	return map[string][2]source.Source{
		"files": {files{"0001-a.sql": first}.source(), files{"0001-a.sql": first, "0002-b.sql": second}.source()},
		"functions": {new(source.Functions).Add(0, "a", does(first)),
			new(source.Functions).Add(0, "a", f).Add(1, "b", does(second))},
		"revisions": {edges{"initial_up_a": first}.source(), edges{"initial_up_a": first, "a_up_b": second}.source()},
	}
}

// settings are what a caller may have set on a connection.
const settings = "SELECT concat_ws('|', @@sql_mode, @@autocommit, @@character_set_client, @mine, DATABASE(), coalesce(IS_USED_LOCK('x') = CONNECTION_ID(), 0))"

// prepared returns a database where the first migration of a door was applied
// over a URL.
func prepared(t *testing.T, s source.Source) string {
	t.Helper()
	url := managed(t)
	m, err := fastmigrate.New(open(t, url), s, fastmigrate.Options{})
	if err == nil {
		_, err = m.Up(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// What changes rows runs over everything that a caller may lend, through each
// door, and nothing of theirs is closed or left changed.
func TestLentRows(t *testing.T) {
	for _, l := range lenders {
		for door, s := range doors("INSERT INTO a VALUES (2)") {
			t.Run(l.name+"/"+door, func(t *testing.T) {
				url := prepared(t, s[0])
				db := callers(t, url)
				b, on, end := l.lend(t, db)
				var before, after string
				if _, err := on.ExecContext(t.Context(), "SET @mine = 'u'; DO GET_LOCK('x', 0)"); err != nil {
					t.Fatal(err)
				}
				if err := on.QueryRowContext(t.Context(), settings).Scan(&before); err != nil {
					t.Fatal(err)
				}
				m, err := fastmigrate.New(b, s[1], fastmigrate.Options{})
				if err != nil {
					t.Fatal(err)
				}
				report, err := m.Up(t.Context())
				if err != nil || len(report.Applied) != 1 {
					t.Fatalf("%+v, %v", report, err)
				}
				if l.name == "*sql.Tx" {
					expect(t, url, "SELECT n FROM a", "") // others don't see it yet
				}
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
				if l.name != "*sql.DB" { // a handle's connections may be any
					if err := on.QueryRowContext(t.Context(), settings).Scan(&after); err != nil || before != after {
						t.Errorf("before %s, after %s, %v", before, after, err)
					}
				}
				if err := db.PingContext(t.Context()); err != nil {
					t.Errorf("closed: %v", err)
				}
				end()
				expect(t, url, "SELECT n FROM a", "2")
				expect(t, url, "SELECT owner FROM _fastmigrate_lock", "")
				if report, err := m2(t, url, s[1]).Up(t.Context()); err != nil || len(report.Applied) != 0 {
					t.Errorf("a run after it: %+v, %v", report, err)
				}
			})
		}
	}
}

func m2(t *testing.T, url string, s source.Source) *fastmigrate.Migrator {
	t.Helper()
	m, err := fastmigrate.New(open(t, url), s, fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Definitions run over a handle, and are refused over one connection before
// anything of them runs.
func TestLentDefinitions(t *testing.T) {
	for _, l := range lenders {
		for door, s := range doors("INSERT INTO a VALUES (2); CREATE TABLE b (n INT); CREATE TABLE c (n INT)") {
			if door == "functions" {
				s[1] = new(source.Functions).Add(0, "a", does("SELECT 1")).Add(1, "b", does("INSERT INTO a VALUES (2)", "CREATE TABLE b (n INT)"))
			}
			t.Run(l.name+"/"+door, func(t *testing.T) {
				url := prepared(t, s[0])
				b, on, end := l.lend(t, callers(t, url))
				if _, err := on.ExecContext(t.Context(), "INSERT INTO a VALUES (100)"); err != nil {
					t.Fatal(err)
				}
				m, err := fastmigrate.New(b, s[1], fastmigrate.Options{})
				if err != nil {
					t.Fatal(err)
				}
				report, err := m.Up(t.Context())
				end()
				if l.name == "*sql.DB" {
					if err != nil {
						t.Fatal(err)
					}
					expect(t, url, "SELECT n FROM a ORDER BY n", "2 100")
					return
				}
				if len(report.Applied) != 0 || !errors.Is(err, migration.ErrUnsupported) && !errors.Is(err, migration.ErrNotAtomic) {
					t.Fatalf("%+v, %v", report, err)
				}
				if migration.HintOf(err) == "" {
					t.Errorf("no hint: %v", err)
				}
				expect(t, url, "SELECT n FROM a", "100")
				expect(t, url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('b', 'c')", "0")
			})
		}
	}
}

// What a step fails at in the caller's transaction is taken back to where the
// run began, and the transaction goes on.
func TestLentFails(t *testing.T) {
	for name, last := range map[string]string{
		"error": "INSERT INTO a VALUES (3); INSERT INTO nowhere VALUES (1)", "setting": "SET @@max_sp_recursion_depth = 3; INSERT INTO a VALUES (3)",
		"commit": "START TRANSACTION; INSERT INTO a VALUES (3); COMMIT", "temporary": "CREATE TEMPORARY TABLE x (n INT)", "program": "exit 0",
	} {
		t.Run(name, func(t *testing.T) {
			url := prepared(t, files{"0001-a.sql": "CREATE TABLE a (n INT);"}.source())
			b, on, end := lenders[2].lend(t, callers(t, url))
			f := files{"0001-a.sql": "CREATE TABLE a (n INT);", "0002-b.sql": "INSERT INTO a VALUES (2)", "0003-c.sql": last}
			if name == "program" {
				delete(f, "0003-c.sql")
				f["0003-c.sh"] = last
			}
			if _, err := on.ExecContext(t.Context(), "INSERT INTO a VALUES (100)"); err != nil {
				t.Fatal(err)
			}
			m, err := fastmigrate.New(b, f.source(), fastmigrate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			report, err := m.Up(t.Context())
			if err == nil || len(report.Applied) != 0 || !strings.Contains(err.Error(), "0003-c.s") {
				t.Fatalf("%+v, %v", report, err)
			}
			if _, err := on.ExecContext(t.Context(), "INSERT INTO a VALUES (101)"); err != nil {
				t.Fatal(err)
			}
			end()
			expect(t, url, "SELECT n FROM a ORDER BY n", "100 101")
			at(t, url, 1)
		})
	}
}

// What can't be lent is refused up front: a handle of few connections, a
// connection with a transaction open on it, a transaction where our tables are
// missing, a handle that is in no database, an outside program.
func TestLentCannot(t *testing.T) {
	f := files{"0001-a.sql": "INSERT INTO mine VALUES (1)"}
	runs := func(b *mysql.Backend, s source.Source) error {
		m, err := fastmigrate.New(b, s, fastmigrate.Options{})
		if err == nil {
			_, err = m.Up(t.Context())
		}
		return err
	}
	url := managed(t)
	do(t, url, "CREATE TABLE mine (n INT)")
	few := callers(t, url)
	few.SetMaxOpenConns(3)
	conn, err := callers(t, url).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN; INSERT INTO mine VALUES (7)"); err != nil {
		t.Fatal(err)
	}
	inTx, _, end := lenders[2].lend(t, callers(t, url))
	noTables, created, enrolled := runs(inTx, f.source()), inTx.Create(t.Context()), inTx.Enroll(t.Context(), migration.Entry{To: "1"})
	end() // it has the server hold the names of the tables that it asked for
	nowhere, err := sql.Open("mysql", "root@tcp("+strings.TrimSuffix(strings.TrimPrefix(url, "mysql://root@"), "/"+url[strings.LastIndexByte(url, '/')+1:])+")/")
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	for name, c := range map[string]struct {
		err  error
		want error
		word string
	}{
		"few connections":    {runs(mysql.New(few, mysql.Options{}), f.source()), migration.ErrUnsupported, "SetMaxOpenConns(4)"},
		"open transaction":   {runs(mysql.NewConn(conn, mysql.Options{}), f.source()), migration.ErrUnsupported, "mysql.NewTx"},
		"no tables":          {noTables, migration.ErrUnsupported, "commit the caller's transaction"},
		"create inside":      {created, migration.ErrUnsupported, "commit the caller's transaction"},
		"enroll inside":      {enrolled, migration.ErrUnsupported, "commit the caller's transaction"},
		"no database":        {runs(mysql.New(nowhere, mysql.Options{}), f.source()), migration.ErrNoDatabase, "DSN"},
		"an outside program": {runs(mysql.New(callers(t, url), mysql.Options{}), files{"0001-a.sh": "exit 0"}.source()), migration.ErrUnsupported, "URL"},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v", name, c.err)
			continue
		}
		mention(t, c.err, c.word)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	expect(t, url, "SELECT n FROM mine", "")
	at(t, url, 0)
	// With three connections the state can be read all the same.
	if state, err := mysql.New(few, mysql.Options{}).State(t.Context()); err != nil || state != "0" {
		t.Errorf("%s, %v", state, err)
	}
}

// Until the caller's transaction ends, nobody else gets the lock.
func TestLentHoldsTheLock(t *testing.T) {
	url := prepared(t, files{"0001-a.sql": "CREATE TABLE a (n INT);"}.source())
	f := files{"0001-a.sql": "CREATE TABLE a (n INT);", "0002-b.sql": "INSERT INTO a VALUES (2)"}
	b, _, end := lenders[2].lend(t, callers(t, url))
	m, err := fastmigrate.New(b, f.source(), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	other, err := mysql.Open(url+"?innodb_lock_wait_timeout=1", mysql.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Session(t.Context(), backend.SessionOptions{LockTimeout: -1}); !errors.Is(err, migration.ErrBusyRun) {
		t.Errorf("another run: %v", err)
	}
	end()
	if report, err := up(t, url, f); err != nil || len(report.Applied) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	expect(t, url, "SELECT n FROM a", "2")
}

// A step over one connection may last longer than the lock does.
func TestLentConnKeepsTheLock(t *testing.T) {
	url := prepared(t, files{"0001-a.sql": "CREATE TABLE a (n INT);"}.source())
	other, err := mysql.Open(url+"?innodb_lock_wait_timeout=1", mysql.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	b, _, _ := lenders[1].lend(t, callers(t, url))
	m, err := fastmigrate.New(b, files{"0001-a.sql": "CREATE TABLE a (n INT);"}.source().With(source.Code{
		Version: 2, Name: "b", Up: migration.Func(func(ctx context.Context, tx migration.Tx) error {
			if err := does("DO SLEEP(0.5)", "INSERT INTO a VALUES (2)")(ctx, tx); err != nil {
				return err
			}
			if s, err := other.Session(ctx, backend.SessionOptions{LockTimeout: -1}); !errors.Is(err, migration.ErrBusyRun) {
				t.Errorf("another run: %v", errors.Join(err, s.Close()))
			}
			return nil
		}),
	}), fastmigrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	at(t, url, 2)
}

// A run over one connection that is held up between its steps for longer than
// its lock lasts records nothing more.
func TestLentLosesTheLock(t *testing.T) {
	url := prepared(t, files{"0001-a.sql": "CREATE TABLE a (n INT);"}.source())
	b, _, _ := lenders[1].lend(t, callers(t, url))
	src := files{"0001-a.sql": "CREATE TABLE a (n INT);"}.source().With(
		source.Code{Version: 2, Name: "b", Up: does("INSERT INTO a VALUES (2)")},
		source.Code{Version: 3, Name: "c", Up: does("INSERT INTO a VALUES (3)")})
	m, err := fastmigrate.New(b, src, fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
		if _, applied := e.(run.Applied); applied {
			do(t, url, "UPDATE _fastmigrate_lock SET owner = 'thief', expires = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR")
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	report, err := m.Up(context.Background())
	if !errors.Is(err, migration.ErrBusyRun) || len(report.Applied) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	expect(t, url, "SELECT n FROM a", "2")
	expect(t, url, "SELECT version FROM _meta", "2")
}
