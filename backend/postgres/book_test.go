package postgres_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/postgres"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/source"
	"github.com/fastmigrate/fastmigrate/trek"
)

// graph is the one of the specification.
var graph = files{
	"20240101_initial_up_rev1":   "CREATE TABLE visits (revision TEXT); INSERT INTO visits VALUES ('rev1')",
	"20240102_rev1_up_rev2":      "SET search_path = ''; CREATE TEMP TABLE tmp (n int); INSERT INTO public.visits VALUES ('rev2')",
	"20240103_rev1_up_rev3":      "INSERT INTO visits VALUES ('rev3')",
	"20240104_rev2_up_rev4":      "CREATE TEMP TABLE tmp (n int); INSERT INTO visits VALUES ('rev4')",
	"20240105_rev1_down_initial": "DROP TABLE visits",
	"20240106_rev2_down_rev1":    "INSERT INTO visits VALUES ('back in rev1')",
	"20240107_rev3_down_rev2":    "INSERT INTO visits VALUES ('back in rev2')",
	"20240108_rev4_down_rev2":    "INSERT INTO visits VALUES ('back in rev2')",
}

const (
	steps  = "SELECT string_agg(from_revision || '>' || to_revision, ' ' ORDER BY id) FROM migrations"
	visits = "SELECT string_agg(revision, ' ') FROM visits"
	tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')"
)

// with returns the files with one more.
func (f files) with(name, text string) files {
	more := files{name: text}
	for n, t := range f {
		if n != name {
			more[n] = t
		}
	}
	return more
}

// A plan along a graph is one serializable transaction; the table is the Python
// tool's, and no other is made.
func TestRevisions(t *testing.T) {
	ctx := context.Background()
	d := &db{t, testdb.Postgres(t)}
	b := open(t, d.url)
	edges := graph.with("20240104_rev2_up_rev4", "CREATE TEMP TABLE tmp (n int); INSERT INTO visits VALUES ('rev4 ' || current_setting('transaction_isolation'))")
	s := source.Revisions(edges.folder())
	planned, err := trek.Plan(ctx, b, s, "rev4", trek.Up)
	if err != nil || len(planned.Steps) != 3 {
		t.Fatal(planned, err)
	}
	d.expect(tables, "<nil>")
	if _, err := trek.Execute(ctx, b, planned); err != nil {
		t.Fatal(err)
	}
	d.expect(steps, "initial>rev1 rev1>rev2 rev2>rev4")
	d.expect(visits, "rev1 rev2 rev4 serializable")
	d.expect("SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM migrations UNION ALL SELECT xmin FROM visits) AS r", "1")
	d.expect(tables, "migrations migrations_id_seq migrations_pkey migrations_timestamp_idx visits")
	d.expect(`SELECT string_agg(concat_ws(' ', column_name, data_type, is_nullable, column_default), ', ' ORDER BY ordinal_position) FROM information_schema.columns
		WHERE table_name = 'migrations'`, "id integer NO nextval('migrations_id_seq'::regclass), from_revision text YES, to_revision text YES, timestamp timestamp without time zone NO CURRENT_TIMESTAMP")
	if _, err := trek.Execute(ctx, b, planned); !errors.Is(err, migration.ErrStalePlan) {
		t.Error(err)
	}
	if report, err := trek.To(ctx, b, s, "initial", trek.Open); err != nil || len(report.Applied) != 3 {
		t.Errorf("%+v, %v", report, err)
	}
	d.expect(steps, "initial>rev1 rev1>rev2 rev2>rev4 rev4>rev2 rev2>rev1 rev1>initial")
	if at, err := trek.Current(ctx, b); err != nil || at != migration.Initial {
		t.Error(at, err)
	}
	d.expect("SELECT to_regclass('visits')", "<nil>")
}

// Of a plan that fails nothing is left, and the database's error reaches the
// caller; what can't be part of one transaction is refused before anything runs.
func TestRevisionsAllOrNothing(t *testing.T) {
	ctx := context.Background()
	d := &db{t, testdb.Postgres(t)}
	b := open(t, d.url)
	var called int
	count := postgres.Func(func(ctx context.Context, tx pgx.Tx) error { called++; return nil })
	for name, c := range map[string]struct {
		text, code string
		is         error
	}{
		"20240104_rev2_up_rev4": {"INSERT INTO visits VALUES ('x');\nSELECT nix", "42703", nil},
		"20240104_rev2_up_rev5": {"CREATE INDEX CONCURRENTLY ON visits (revision)", "", migration.ErrNotAtomic},
		"20240104_rev2_up_rev6": {"BEGIN; INSERT INTO visits VALUES ('x'); COMMIT", "", migration.ErrNotAtomic},
		"20240104_rev2_up_rev7": {"-- fastmigrate: no-transaction\nSELECT 1", "", migration.ErrNotAtomic},
	} {
		target := migration.Revision(name[len("20240104_rev2_up_"):])
		called = 0
		s := source.Revisions(files{"20240101_initial_up_rev1": graph["20240101_initial_up_rev1"], name: c.text}.folder()).
			With(source.Edge{From: "rev1", To: "rev2", Func: count})
		_, err := trek.To(ctx, b, s, target, trek.Up)
		var server *pgconn.PgError
		if errors.As(err, &server); c.code != "" && (server == nil || server.Code != c.code || called != 1 || !strings.HasPrefix(err.Error(), name+".sql:2:8: ")) {
			t.Errorf("%s: %v, called %d times", name, err, called)
		}
		if c.is != nil && (!errors.Is(err, c.is) || called != 0 || migration.HintOf(err) == "") {
			t.Errorf("%s: %v, called %d times", name, err, called)
		}
		d.expect(tables, "<nil>")
	}
}

// The table is in the schema of choice, which is made; by default in public,
// whatever the search path is, as with the Python tool.
func TestRevisionsSchema(t *testing.T) {
	ctx := context.Background()
	d := &db{t, testdb.Postgres(t)}
	d.exec("CREATE SCHEMA mine")
	s := source.Revisions(files{"20240101_initial_up_rev1": "CREATE TABLE a (n int)"}.folder())
	if _, err := trek.To(ctx, open(t, d.url+"?search_path=mine"), s, "rev1", trek.Up); err != nil {
		t.Fatal(err)
	}
	d.expect("SELECT schemaname, tablename FROM pg_tables WHERE tablename IN ('a', 'migrations') ORDER BY 1", "mine|a public|migrations")
	d.exec("DROP TABLE mine.a")
	b := open(t, d.url+"?schema=Of%20choice")
	if _, err := trek.To(ctx, b, s, "rev1", trek.Up); err != nil {
		t.Fatal(err)
	}
	d.expect(`SELECT to_revision FROM "Of choice".migrations`, "rev1")
	d.exec("DROP TABLE public.migrations; DROP SCHEMA public CASCADE")
	if _, err := trek.To(ctx, open(t, d.url+"?search_path=mine"), s, "rev1", trek.Up); err != nil {
		t.Fatal(err)
	}
	d.expect("SELECT to_revision FROM public.migrations", "rev1")
	// Beforehand it is made by Create, once.
	kept, err := backend.Keep(open(t, d.url+"?schema=other"), backend.Book{Kind: migration.Revisions})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []error{nil, migration.ErrManaged} {
		if err := kept.Create(ctx); !errors.Is(err, want) {
			t.Errorf("Create: %v, want %v", err, want)
		}
	}
	d.expect("SELECT count(*) FROM other.migrations", "0")
}

// A table of that name that is not ours is not taken for one.
func TestAnothersTable(t *testing.T) {
	ctx := context.Background()
	var f source.Functions
	f.Add(0, "a", does("CREATE TABLE never (n int)"))
	for made, keeps := range map[string]string{
		"CREATE TABLE migrations (id int, from_revision text, to_revision text, timestamp timestamp)":                                                migration.Revisions,
		"CREATE TABLE migrations (id int, name text, inserted_at timestamptz)":                                                                       migration.Functions,
		"CREATE TABLE migrations (version bigint, dirty boolean)":                                                                                    "",
		"CREATE VIEW migrations AS SELECT 1 AS id":                                                                                                   "",
		"CREATE TABLE migrations (id int, from_revision text, to_revision text, timestamp timestamp, x int); INSERT INTO migrations (id) VALUES (1)": "",
	} {
		d := &db{t, testdb.Postgres(t)}
		d.exec(made)
		b := open(t, d.url)
		_, err := d.functions(b, &f, fastmigrate.Goal{})
		if wrong := !errors.Is(err, migration.ErrBadVersion) || migration.HintOf(err) == ""; wrong != (keeps == migration.Functions) {
			t.Errorf("functions in %s: %v", made, err)
		}
		_, err = trek.Current(ctx, b)
		if wrong := !errors.Is(err, migration.ErrBadVersion) || migration.HintOf(err) == ""; wrong != (keeps == migration.Revisions) {
			t.Errorf("revisions in %s: %v", made, err)
		}
	}
}

// The history is written where it is asked for.
func TestBooksWithHistory(t *testing.T) {
	ctx := context.Background()
	d := &db{t, testdb.Postgres(t)}
	s := source.Revisions(graph.folder())
	for _, target := range []migration.State{"rev4", "rev1"} {
		m, err := fastmigrate.New(open(t, d.url), s, fastmigrate.Options{History: true, Tool: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.To(ctx, target); err != nil {
			t.Fatal(err)
		}
	}
	d.expect("SELECT string_agg(kind || ' ' || from_state || ' ' || direction || ' ' || to_state || ' ' || state, ', ' ORDER BY id) FROM _fastmigrate_history",
		"revisions initial up rev1 applied, revisions rev1 up rev2 applied, revisions rev2 up rev4 applied, revisions rev4 down rev2 applied, revisions rev2 down rev1 applied")
}

// A serialization failure is tried again; where another tool has moved the
// database meanwhile, from where it is.
func TestSerialization(t *testing.T) {
	ctx := context.Background()
	d := &db{t, testdb.Postgres(t)}
	b := open(t, d.url)
	d.exec("CREATE TABLE a (n int); INSERT INTO a VALUES (1)")
	called := 0
	s := source.Revisions(files{"20240101_initial_up_rev1": "UPDATE a SET n = n + 10"}.folder()).With(source.Edge{From: "rev1", To: "rev2",
		Func: postgres.Func(func(ctx context.Context, tx pgx.Tx) error {
			if called++; called <= 2 {
				d.exec("UPDATE b SET n = n + 100")
			}
			_, err := tx.Exec(ctx, "UPDATE b SET n = n + 1")
			return err
		})})
	d.exec("CREATE TABLE b (n int); INSERT INTO b VALUES (1)")
	if report, err := trek.To(ctx, b, s, "rev2", trek.Up); err != nil || called != 3 || report.End != "rev2" {
		t.Fatalf("%+v, called %d times, %v", report, called, err)
	}
	d.expect("SELECT a.n, b.n FROM a, b", "11|202")
	d.expect(steps, "initial>rev1 rev1>rev2")

	// Within the bound.
	d.exec("DROP TABLE migrations")
	called = -100
	few, err := postgres.Open(d.url, postgres.Options{Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = trek.To(ctx, few, s, "rev2", trek.Up)
	var server *pgconn.PgError
	if !errors.As(err, &server) || server.Code != "40001" || called != -99 {
		t.Errorf("called %d times: %v", called, err)
	}
	d.expect("SELECT to_regclass('migrations')", "<nil>")

	// Another tool, which does not know our lock, makes the first step.
	m, err := fastmigrate.New(b, s, fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
		if called < 0 {
			called = 10
			d.exec(`CREATE TABLE migrations (id SERIAL PRIMARY KEY, from_revision TEXT, to_revision TEXT, timestamp TIMESTAMP NOT NULL DEFAULT current_timestamp);
				INSERT INTO migrations (from_revision, to_revision) VALUES ('initial', 'rev1')`)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if report, err := m.To(ctx, "rev2"); err != nil || report.Start != "rev1" || len(report.Applied) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	d.expect(steps, "initial>rev1 rev1>rev2")
}

// Each record is a compare-and-set.
func TestBooksMoved(t *testing.T) {
	ctx := context.Background()
	for kind, c := range map[string]struct{ moves, within string }{
		migration.Functions: {"INSERT INTO migrations (id, name) VALUES (7, 'theirs')", "INSERT INTO migrations (id, name) VALUES (0, 'theirs')"},
		migration.Revisions: {"INSERT INTO migrations (from_revision, to_revision) VALUES ('initial', 'theirs')", "INSERT INTO migrations (from_revision, to_revision) VALUES ('initial', 'theirs')"},
	} {
		d := &db{t, testdb.Postgres(t)}
		b, err := backend.Keep(open(t, d.url), backend.Book{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Create(ctx); err != nil {
			t.Fatal(err)
		}
		s, err := b.Session(ctx, backend.SessionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		at, err := s.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		work := backend.Work{Step: migration.Step{
			Migration: migration.Migration{Name: "ours", Up: &migration.Go{Name: "f", Func: does("CREATE TABLE a (n int)")}}, From: at, To: "0",
		}, Entry: migration.Entry{Kind: kind}}
		d.exec(c.moves)
		if _, err := s.Apply(ctx, work); !errors.Is(err, migration.ErrMoved) {
			t.Errorf("%s: %v", kind, err)
		}
		if err := s.Mark(ctx, migration.Entry{Kind: kind, From: at, To: "0"}); !errors.Is(err, migration.ErrMoved) {
			t.Errorf("%s: %v", kind, err)
		}
		// It may be the function itself that does it.
		d.exec("DELETE FROM migrations")
		work.Step.Migration.Up = &migration.Go{Name: "f", Func: does("CREATE TABLE a (n int)", c.within)}
		if _, err := s.Apply(ctx, work); !errors.Is(err, migration.ErrMoved) {
			t.Errorf("%s, in the function: %v", kind, err)
		}
		d.expect("SELECT to_regclass('a'), count(*) FROM migrations", "<nil>|0")
		work.Step.Migration.Up = &migration.Go{Name: "f", Func: does("CREATE TABLE a (n int)")}
		if _, err := s.Apply(ctx, work); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// original is what the Python tool asyncpg-trek does to a database: the
// statements that it sends, by its driver.
const original = `
import asyncio, asyncpg, sys
async def main(url, *steps):
    conn = await asyncpg.connect(url)
    await conn.execute('CREATE SCHEMA IF NOT EXISTS public')
    await conn.execute('''
        CREATE TABLE IF NOT EXISTS public.migrations (
            id SERIAL PRIMARY KEY,
            from_revision TEXT,
            to_revision TEXT,
            timestamp TIMESTAMP NOT NULL DEFAULT current_timestamp
        );
        CREATE INDEX IF NOT EXISTS migrations_timestamp_idx ON public.migrations(timestamp);
    ''')
    print(await conn.fetchval('SELECT to_revision FROM public.migrations ORDER BY id DESC LIMIT 1') or 'initial')
    async with conn.transaction(isolation='serializable'):
        for before, after, sql in zip(steps[::3], steps[1::3], steps[2::3]):
            await conn.execute(sql)
            await conn.execute('INSERT INTO public.migrations(from_revision, to_revision) VALUES ($1, $2)', before, after)
    await conn.close()
asyncio.run(main(*sys.argv[1:]))
`

// A database that the Python tool made is gone on with, and by that tool again.
func TestRevisionsTakeOver(t *testing.T) {
	ctx := context.Background()
	d := &db{t, testdb.Postgres(t)}
	python := func(at string, args ...string) {
		t.Helper()
		out, err := exec.Command("/usr/bin/python3", append([]string{"-c", original, d.url}, args...)...).CombinedOutput()
		if err != nil || string(out) != at+"\n" {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	python("initial", "initial", "rev1", graph["20240101_initial_up_rev1"], "rev1", "rev2", "INSERT INTO visits VALUES ('python 2')")
	b := open(t, d.url)
	if at, err := trek.Current(ctx, b); err != nil || at != "rev2" {
		t.Fatal(at, err)
	}
	s := source.Revisions(graph.folder())
	if _, err := trek.To(ctx, b, s, "rev4", trek.Up); err != nil {
		t.Fatal(err)
	}
	python("rev4", "rev4", "rev2", "INSERT INTO visits VALUES ('python back')")
	if _, err := trek.To(ctx, b, s, "rev1", trek.Down); err != nil {
		t.Fatal(err)
	}
	python("rev1")
	d.expect(visits, "rev1 python 2 rev4 python back back in rev1")
	d.expect(steps, "initial>rev1 rev1>rev2 rev2>rev4 rev4>rev2 rev2>rev1")
	d.expect(tables, "migrations migrations_id_seq migrations_pkey migrations_timestamp_idx visits")
	kept, err := backend.Keep(b, backend.Book{Kind: migration.Revisions})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := kept.History(ctx)
	if err != nil || len(entries) != 5 || entries[4].From != "rev2" || entries[4].To != "rev1" || entries[0].FinishedAt.IsZero() {
		t.Errorf("%+v, %v", entries, err)
	}
}
