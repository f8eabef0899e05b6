package postgres_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
)

// lent is a connection of a program's own, and the backend over it.
type lent struct {
	open   func(postgres.Options) *postgres.Backend
	within bool
	ask    func(query string) string // one column of one row, on that very connection
	commit func() error              // nil without a transaction
	back   func() error              // rolls it back
}

// exec executes statements on that very connection.
func (l *lent) exec(statements string) {
	for _, s := range strings.Split(statements, ";") {
		l.ask(s)
	}
}

// text is one column of one row, as text.
type text interface{ Scan(...any) error }

func scanned(t *testing.T, query string, row text) string {
	t.Helper()
	var s *string
	if err := row.Scan(&s); err != nil && !errors.Is(err, pgx.ErrNoRows) && !errors.Is(err, sql.ErrNoRows) {
		t.Fatalf("%s: %v", query, err)
	}
	if s == nil {
		return ""
	}
	return *s
}

// callers are all the kinds of connection that a program may have.
var callers = map[string]func(t *testing.T, url string) *lent{
	"*pgx.Conn": func(t *testing.T, url string) *lent {
		conn := connected(t, url)
		return &lent{open: func(o postgres.Options) *postgres.Backend { return postgres.NewConn(conn, o) }, ask: func(q string) string { return scanned(t, q, conn.QueryRow(t.Context(), q)) }}
	},
	"*pgxpool.Pool": func(t *testing.T, url string) *lent {
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		config.MaxConns = 1
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return &lent{open: func(o postgres.Options) *postgres.Backend { return postgres.NewPool(pool, o) }, ask: func(q string) string { return scanned(t, q, pool.QueryRow(t.Context(), q)) }}
	},
	"pgx.Tx": func(t *testing.T, url string) *lent {
		tx, err := connected(t, url).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return &lent{
			open: func(o postgres.Options) *postgres.Backend { return postgres.NewTx(tx, o) }, within: true, ask: func(q string) string { return scanned(t, q, tx.QueryRow(t.Context(), q)) },
			commit: func() error { return tx.Commit(t.Context()) }, back: func() error { return tx.Rollback(t.Context()) },
		}
	},
	"*sql.DB": func(t *testing.T, url string) *lent {
		db := handle(t, url)
		db.SetMaxOpenConns(1)
		return &lent{open: func(o postgres.Options) *postgres.Backend { return postgres.NewDB(db, o) }, ask: func(q string) string { return scanned(t, q, db.QueryRow(q)) }}
	},
	"*sql.Conn": func(t *testing.T, url string) *lent {
		conn, err := handle(t, url).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return &lent{open: func(o postgres.Options) *postgres.Backend { return postgres.NewSQLConn(conn, o) }, ask: func(q string) string { return scanned(t, q, conn.QueryRowContext(t.Context(), q)) }}
	},
	"*sql.Tx": func(t *testing.T, url string) *lent {
		tx, err := handle(t, url).Begin()
		if err != nil {
			t.Fatal(err)
		}
		return &lent{
			open: func(o postgres.Options) *postgres.Backend { return postgres.NewSQLTx(tx, o) }, within: true, ask: func(q string) string { return scanned(t, q, tx.QueryRow(q)) },
			commit: tx.Commit, back: tx.Rollback,
		}
	},
}

func connected(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func handle(t *testing.T, url string) *sql.DB {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	t.Cleanup(func() { db.Close() })
	return db
}

// condition is all that a connection is like.
const condition = `SELECT concat_ws(E'\n', (SELECT string_agg(name || ' ' || setting || ' ' || source, E'\n' ORDER BY name) FROM pg_settings),
	current_user, session_user, current_setting('role'), current_setting('app.tenant', true), current_setting('app.two', true), coalesce(current_setting('app.three', true), ''), 'has a transaction: ' || (transaction_timestamp() < statement_timestamp()),
	(SELECT string_agg(c.relname || ' ' || c.relkind::text, ' ' ORDER BY 1) FROM pg_class AS c WHERE relnamespace = pg_my_temp_schema()),
	(SELECT string_agg(name || ' ' || statement || parameter_types::text || from_sql, E'\n' ORDER BY 1) FROM pg_prepared_statements WHERE name NOT LIKE 'stmtcache%'),
	(SELECT string_agg('cursor ' || name, ' ' ORDER BY 1) FROM pg_cursors WHERE name <> '' AND name NOT LIKE '<unnamed%'),
	(SELECT string_agg('channel ' || c, ' ' ORDER BY 1) FROM pg_listening_channels() AS c),
	(SELECT string_agg(concat_ws(' ', 'lock', classid, objid, objsubid, mode), E'\n' ORDER BY 1) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND (classid::int8 << 32 | objid::int8) NOT IN (OURS)))`

// theirs is what the program made of its connection.
const theirs = `SET work_mem = '3MB'; SET search_path = mine, public; SET "TimeZone" = 'Asia/Tokyo'; SET DateStyle = 'German'; SET client_encoding = 'LATIN1';
	CREATE TEMP TABLE kept (n int); PREPARE kept(int) AS SELECT $1; LISTEN kept; SELECT pg_advisory_lock(42); SELECT pg_advisory_lock_shared(7, 8);
	DECLARE kept CURSOR WITH HOLD FOR SELECT 1; SET app.tenant = 'theirs'; SELECT set_config('app.two', 'ü', false); SET standard_conforming_strings = on`

// spoils is what migrations make of it.
const spoils = `SET work_mem = '1MB'; SET search_path = ''; RESET "TimeZone"; SET DateStyle = 'ISO'; SET LOCAL enable_sort = off; SET lock_timeout = '7s';
	CREATE TEMP TABLE pg_temp.spoilt (n serial); CREATE TEMP VIEW spoilt_view AS SELECT 1; CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
	PREPARE spoilt AS SELECT 2; LISTEN spoilt; UNLISTEN kept; SELECT pg_advisory_lock(43); SELECT pg_advisory_lock_shared(9, 10); SELECT pg_advisory_unlock(42);
	DECLARE spoilt CURSOR WITH HOLD FOR SELECT 1; DEALLOCATE kept; SET app.tenant = 'x'; SELECT set_config('app.two', '', false); SET LOCAL "app".three TO 'x'; SET ROLE pg_monitor`

// Each kind of connection goes through all three doors, and is after each what
// it was before: settings, role, temporary things, prepared statements, cursors,
// channels, locks, transaction. Nothing is written but what is recorded.
func TestCallers(t *testing.T) {
	numbered := source.FS(files{"0001-a": "CREATE TABLE public.a (n int);" + spoils, "0002-b": "INSERT INTO public.a VALUES (2); COMMENT ON TABLE public.a IS 'ü'"}.folder()).With(
		source.Code{Version: 3, Name: "c", Up: does("INSERT INTO public.a VALUES (3)", spoils)},
		source.Code{Version: 4, Name: "d", Up: pg("INSERT INTO public.a VALUES (4)", spoils)}, source.Code{Version: 5, Name: "e", Up: does("INSERT INTO public.a VALUES (5)")})
	var functions source.Functions
	functions.Add(0, "a", does("INSERT INTO public.a VALUES (6)", spoils))
	functions.AddCallable(1, "b", pg("INSERT INTO public.a VALUES (7)", spoils))
	edges := source.Revisions(files{"20240101_initial_up_rev1": "INSERT INTO public.a VALUES (8);" + spoils}.folder()).
		With(source.Edge{From: "rev1", To: "rev2", Func: pg("INSERT INTO public.a VALUES (9)", "CREATE TABLE public.level AS SELECT current_setting('transaction_isolation') AS l")})
	for name, lend := range callers {
		t.Run(name, func(t *testing.T) {
			d := &db{t, testdb.Postgres(t)}
			role := "r_" + d.ask("SELECT current_database()")
			d.exec("CREATE ROLE " + role + "; GRANT pg_monitor TO " + role + "; CREATE SCHEMA mine AUTHORIZATION " + role + "; GRANT ALL ON SCHEMA public TO " + role +
				"; GRANT CREATE ON DATABASE " + d.ask("SELECT current_database()") + " TO " + role)
			l := lend(t, d.url)
			l.exec(theirs + "; SET ROLE " + role)
			ours := "0"
			if l.within { // the lock ends with the caller's transaction, so it is there meanwhile
				ours = lockOf("mine") + lockOf("of_functions") + lockOf("of_revisions") + ours
			}
			condition := strings.Replace(condition, "OURS", ours, 1)
			before := l.ask(condition)
			unchanged := func(door string) {
				t.Helper()
				if after := l.ask(condition); after != before {
					t.Errorf("%s left the connection as\n%s", door, different(before, after))
				}
			}
			if err := l.open(postgres.Options{}).Create(t.Context()); err != nil {
				t.Fatal(err)
			}
			unchanged("Create")
			for _, s := range []source.Source{numbered, &functions, edges} {
				// Two of them have the same table, each in a schema of its own.
				schema := map[string]string{migration.Functions: "of_functions", migration.Revisions: "of_revisions"}[source.KindOf(s)]
				m, err := fastmigrate.New(l.open(postgres.Options{Schema: schema}), s, fastmigrate.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := m.Up(t.Context()); err != nil {
					t.Fatalf("%T: %v", s, err)
				}
				unchanged(fmt.Sprintf("%T", s))
				if report, err := m.Up(t.Context()); err != nil || len(report.Applied) != 0 {
					t.Errorf("%T, again: %+v, %v", s, report, err)
				}
			}
			unchanged("all")
			if got := l.ask("SELECT string_agg(n::text, ' ' ORDER BY n) FROM public.a"); got != "2 3 4 5 6 7 8 9" {
				t.Errorf("a holds %s", got)
			}
			if got := l.ask("SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE tablename IN ('_meta', '_fastmigrate_history', 'migrations')"); got != role {
				t.Errorf("our tables belong to %s", got)
			}
			if got := l.ask("SELECT encode(convert_to(obj_description('public.a'::regclass), 'UTF8'), 'hex')"); got != "c3bc" {
				t.Errorf("the text of a script came as %s", got)
			}
			if got, want := l.ask("SELECT l FROM public.level"), map[bool]string{true: "read committed", false: "serializable"}[l.within]; got != want {
				t.Errorf("the plan along the graph was %s, want %s", got, want)
			}
			if l.commit != nil {
				d.expect("SELECT to_regclass('a')", "<nil>") // it is the caller's to commit
				if err := l.commit(); err != nil {
					t.Fatal(err)
				}
			}
			d.expect("SELECT version FROM mine._meta", "5")
			d.expect("SELECT string_agg(name, ' ' ORDER BY id) FROM of_functions.migrations", "a b")
			d.expect("SELECT string_agg(to_revision, ' ' ORDER BY id) FROM of_revisions.migrations", "rev1 rev2")
		})
	}
}

// lockOf returns the key of the lock of a schema, and a comma.
func lockOf(schema string) string {
	sum := sha256.Sum256([]byte("fastmigrate\x00" + schema))
	return fmt.Sprintf("%d, ", int64(binary.BigEndian.Uint64(sum[:])))
}

// different returns the lines that only one of two texts has.
func different(before, after string) string {
	had := map[string]bool{}
	for line := range strings.Lines(before + "\n") {
		had[line] = true
	}
	var b strings.Builder
	for line := range strings.Lines(after + "\n") {
		if !had[line] {
			b.WriteString("now  " + line)
		}
		delete(had, line)
	}
	for line := range had {
		b.WriteString("once " + line)
	}
	return b.String()
}
