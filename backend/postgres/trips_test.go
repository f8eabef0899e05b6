package postgres_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
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

	nothing := testdb.ProxyOptions{}
	direct, proxy := through(t, d.url, nothing)
	if _, err := d.upOn(direct, f); err != nil {
		t.Fatal(err)
	}
	t.Logf("nothing to do: %d round trips", proxy.RoundTrips())
	if n := proxy.RoundTrips(); n > 20 {
		t.Errorf("%d round trips to do nothing", n)
	}
}
