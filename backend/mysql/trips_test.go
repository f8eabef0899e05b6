package mysql_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
	"github.com/fastmigrate/fastmigrate/run"
)

// A small migration that defines something costs few round trips and syncs.
func TestTrips(t *testing.T) {
	server := testdb.MySQLServer(t, "innodb-flush-log-at-trx-commit=1")
	counted := func(migrations int) (trips, syncs int) {
		url := server.NewDatabase(t)
		create(t, url)
		u, proxy := proxied(t, url, testdb.ProxyOptions{})
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
	if trips > 6.8 {
		t.Errorf("%.1f round trips", trips)
	}
}

// An entry whose first mark comes with it is not written where the version was
// moved meanwhile, and nothing is run.
func TestEnteredMoved(t *testing.T) {
	url := managed(t)
	o := fastmigrate.Options{OnEvent: func(e fastmigrate.Event) {
		if started, ok := e.(run.Started); ok && started.Step.To == "2" {
			do(t, url, "UPDATE _meta SET version = 7")
		}
	}}
	f := files{"0001-a.sql": "CREATE TABLE a (id INT);", "0002-b.sql": "CREATE TABLE b (id INT);"}
	_, err := to(t.Context(), t, url, f, plan.Goal{}, o)
	mention(t, err, "0002-b.sql", "from 1 to 7")
	if !errors.Is(err, migration.ErrMoved) {
		t.Error(err)
	}
	expect(t, url, "SELECT group_concat(to_state) FROM _fastmigrate_history", "1")
	expect(t, url, "SELECT count(*) FROM _fastmigrate_progress WHERE entry > 1", "0")
	expect(t, url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'b'", "0")
}
