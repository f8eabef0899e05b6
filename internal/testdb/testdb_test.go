package testdb_test

import (
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// Each call gives a database of its own, and a killed server comes back with
// its data.
func TestServers(t *testing.T) {
	if a, b := testdb.Postgres(t), testdb.Postgres(t); a == b {
		t.Errorf("the same database twice: %s", a)
	}
	if a, b := testdb.MySQL(t), testdb.MySQL(t); a == b {
		t.Errorf("the same database twice: %s", a)
	}
	for _, s := range []*testdb.Server{testdb.PostgresServer(t), testdb.MySQLServer(t)} {
		s.NewDatabase(t)
		s.Kill()
		s.Start(t)
		s.NewDatabase(t)
	}
}
