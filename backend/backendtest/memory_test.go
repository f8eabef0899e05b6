package backendtest_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
)

// The database in memory keeps every promise but those to other processes.
func TestMemory(t *testing.T) {
	var databases sync.Map // by address
	backendtest.Run(t, backendtest.Harness{
		New: func(t testing.TB) string {
			m := backendtest.NewMemory()
			address := fmt.Sprintf("memory:%p", m)
			databases.Store(address, m)
			t.Cleanup(func() { databases.Delete(address) })
			return address
		},
		Open: func(address string) (backend.Backend, error) {
			m, _ := databases.Load(address)
			return m.(*backendtest.Memory).Open(), nil
		},
		Exec: func(t testing.TB, d backendtest.Database, script string) {
			m, _ := databases.Load(d.Address)
			if err := m.(*backendtest.Memory).Exec(script); err != nil {
				t.Fatal(err)
			}
		},
		Rows: func(t testing.TB, d backendtest.Database, table string) ([]int, bool) {
			m, _ := databases.Load(d.Address)
			return m.(*backendtest.Memory).Rows(table)
		},
		Scripts:    backendtest.Scripts{Slow: func(string) string { return "SLEEP" }},
		Reach:      backendtest.OneProcess,
		NoPrograms: true,
	})
}
