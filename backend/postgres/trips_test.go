package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
)

// through returns a database's URL by way of a proxy.
func through(t *testing.T, database string, o testdb.ProxyOptions) (string, *testdb.Proxy) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	p := testdb.NewProxy(t, u.Host, o)
	u.Host = p.Addr()
	return u.String(), p
}

// Many migrations cost few round trips, and a run a few more. What is measured
// is what a client waits for; the time is said, not judged.
func TestRoundTrips(t *testing.T) {
	d := managed(t)
	f := files{}
	const migrations = 200
	for i := 1; i <= migrations; i++ {
		f[fmt.Sprintf("%04d-m", i)] = fmt.Sprintf("CREATE TABLE t%d (id int PRIMARY KEY, note text); INSERT INTO t%d VALUES (1, 'x'); CREATE INDEX ON t%d (note);", i, i, i)
	}
	slow, proxy := through(t, d.url, testdb.ProxyOptions{Delay: 20 * time.Millisecond})
	began := time.Now()
	if _, err := d.upOn(slow, f); err != nil {
		t.Fatal(err)
	}
	trips := proxy.RoundTrips()
	t.Logf("%d migrations: %d round trips, %.3f each, in %v at 20 ms", migrations, trips, float64(trips)/migrations, time.Since(began).Round(time.Millisecond))
	if trips > 30 {
		t.Errorf("%d round trips for %d migrations", trips, migrations)
	}
	d.expect(version, "200")
}

// A run with nothing to do connects, asks once, and is done: it is what every
// start of a program waits for. Connecting is one round trip here. Where something
// is unusual it asks more, and finds the same.
func TestNothingToDo(t *testing.T) {
	const path = "DO $$BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET search_path TO front, public'; END$$;"
	for what, c := range map[string]struct {
		query, before, after string // of the URL; what is done to the database before and after the run that has something to do
		trips                int
		none                 bool   // no history is found
		fails                string // what the error says
	}{
		"as usual":               {trips: 2},
		"a schema on the path":   {before: "CREATE SCHEMA front;" + path, trips: 2},
		"a schema by its name":   {query: "schema=apart", trips: 2},
		"another history table":  {query: "history=His%22tory", trips: 2},
		"no history":             {after: "DROP TABLE _fastmigrate_history", trips: 2, none: true},
		"another's history":      {after: "CREATE SCHEMA front; CREATE TABLE front._fastmigrate_history AS TABLE _fastmigrate_history WITH NO DATA;" + path, trips: 5},
		"history somewhere else": {after: "CREATE SCHEMA front; ALTER TABLE _fastmigrate_history SET SCHEMA front;" + path, trips: 5, none: true},
		"no version":             {after: "DELETE FROM _meta", trips: 4, fails: "_meta has no row with id 1"},
		"a bad version":          {after: "UPDATE _meta SET version = -1", trips: 4, fails: `the version in _meta is "-1"`},
		"no version table":       {after: "DROP TABLE _meta", trips: 4, fails: "no version table"},
		"a broken history":       {after: "ALTER TABLE _fastmigrate_history DROP COLUMN kind CASCADE", trips: 5, fails: `column "kind" does not exist`},
	} {
		t.Run(what, func(t *testing.T) {
			d := &db{t, testdb.Postgres(t)}
			d.exec("SELECT 1;" + c.before)
			url := d.url + "?sslmode=disable&" + c.query
			d.create(url)
			f := files{"0001-a": "CREATE TABLE a (x int)"}
			if _, err := d.upOn(url, f); err != nil {
				t.Fatal(err)
			}
			d.exec("SELECT 1;" + c.after)

			direct, proxy := through(t, url, testdb.ProxyOptions{})
			at, past, err := open(t, direct).Summary(context.Background())
			if n := proxy.RoundTrips(); n != c.trips {
				t.Errorf("%d round trips, want %d", n, c.trips)
			}
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("%v, want: %s", err, c.fails)
				}
				return
			}
			want := backend.Summary{Digest: migration.Version(1).Digest()}
			if c.none {
				want = backend.Summary{}
			}
			if err != nil || at != "1" || past != want {
				t.Errorf("%s, %+v, %v, want %+v", at, past, err, want)
			}
			if c.trips > 2 {
				return
			}
			direct, proxy = through(t, url, testdb.ProxyOptions{})
			if report, err := d.upOn(direct, f); err != nil || len(report.Applied) > 0 || proxy.RoundTrips() != c.trips {
				t.Errorf("a run: %+v, %v, %d round trips", report, err, proxy.RoundTrips())
			}
		})
	}
}
