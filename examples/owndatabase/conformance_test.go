//go:build unix

package owndatabase_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/backend/backendtest"
	"github.com/fastmigrate/fastmigrate/examples/owndatabase"
	"github.com/fastmigrate/fastmigrate/migration"
)

func TestConformance(t *testing.T) {
	h := harness()
	h.Open = func(path string) (backend.Backend, error) { return owndatabase.Open(path), nil }
	h.Move = func(t testing.TB, d backendtest.Database, v migration.Version) {
		change(t, d, func(data *owndatabase.Data) {
			data.Notes["fastmigrate"] = json.RawMessage(fmt.Sprintf(`{"Version": %d}`, v))
		})
	}
	backendtest.Run(t, h)
}

func TestHooksConformance(t *testing.T) {
	h := harness()
	h.Open = func(path string) (backend.Backend, error) { return owndatabase.Hooks(path), nil }
	h.Move = func(t testing.TB, d backendtest.Database, v migration.Version) {
		change(t, d, func(data *owndatabase.Data) { data.Lists["version"] = []int{int(v)} })
	}
	h.Failure = backendtest.Unknown // all that hooks can promise
	backendtest.Run(t, h)
}

// harness says how to make a database, how to look into it as any other program
// would, and what its language is like.
func harness() backendtest.Harness {
	return backendtest.Harness{
		New: func(t testing.TB) string { return filepath.Join(t.TempDir(), "own.json") },
		Exec: func(t testing.TB, d backendtest.Database, script string) {
			if err := (owndatabase.Store{Path: d.Address}).Exec(t.Context(), script); err != nil {
				t.Fatal(err)
			}
		},
		Rows: func(t testing.TB, d backendtest.Database, table string) ([]int, bool) {
			data, err := owndatabase.Store{Path: d.Address}.Read()
			if err != nil {
				t.Fatal(err)
			}
			numbers, there := data.Lists[table]
			return numbers, there
		},
		Scripts: backendtest.Scripts{
			CreateTable: func(table string) string { return "make " + table },
			DropTable:   func(table string) string { return "drop " + table },
			Insert:      func(table string, n int) string { return fmt.Sprintf("put %s %d", table, n) },
			Slow:        func(string) string { return "wait" },
			Comment:     "#",
		},
	}
}

// change changes the data as another program would.
func change(t testing.TB, d backendtest.Database, f func(*owndatabase.Data)) {
	t.Helper()
	err := owndatabase.Store{Path: d.Address}.Update(t.Context(), func(data *owndatabase.Data) error {
		f(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
