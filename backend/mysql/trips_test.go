package mysql_test

import (
	"fmt"
	neturl "net/url"
	"strconv"
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// A small migration that defines something costs few round trips and syncs.
func TestTrips(t *testing.T) {
	server := testdb.MySQLServer(t, "innodb-flush-log-at-trx-commit=1")
	counted := func(migrations int) (trips, syncs int) {
		url := server.NewDatabase(t)
		create(t, url)
		u, err := neturl.Parse(url)
		if err != nil {
			t.Fatal(err)
		}
		proxy := testdb.NewProxy(t, u.Host, testdb.ProxyOptions{})
		u.Host = proxy.Addr()
		f := files{}
		for i := 1; i <= migrations; i++ {
			f[fmt.Sprintf("%04d-m.sql", i)] = fmt.Sprintf("CREATE TABLE t%d (id INT PRIMARY KEY, note TEXT);\nINSERT INTO t%d VALUES (1, 'x');", i, i)
		}
		asked := func() int {
			n, err := strconv.Atoi(ask(t, url, "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'innodb_data_fsyncs'"))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := asked()
		mustUp(t, u.String(), f)
		at(t, url, migrations)
		return proxy.RoundTrips(), asked() - before
	}
	few, fewSyncs := counted(20)
	many, manySyncs := counted(120)
	trips, syncs := float64(many-few)/100, float64(manySyncs-fewSyncs)/100
	t.Logf("a migration: %.1f round trips, %.1f syncs; a run: %d", trips, syncs, few-int(20*trips))
	if trips > 7.5 {
		t.Errorf("%.1f round trips", trips)
	}
}
