package fastmigrate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate"
	"github.com/fastmigrate/fastmigrate/migration"
)

// Scripts about as long as what is kept of one in memory, 64 KB, are applied to
// their last character.
func TestScriptsAroundWhatIsKept(t *testing.T) {
	const kept = 64 << 10
	files := map[string]string{"0001-make.sql": "CREATE TABLE t (x);"}
	lengths := []int{kept - 1, kept, kept + 1, 3 * kept}
	for i, length := range lengths {
		last := fmt.Sprintf("INSERT INTO t VALUES (%d);", i)
		files[fmt.Sprintf("%04d-fill.sql", i+2)] = strings.Repeat(" ", length-len(last)) + last
	}
	b := memory(t)
	m := migrator(t, b, files, fastmigrate.Options{})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := b.DB()
	if err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := db.QueryRowContext(t.Context(), "SELECT count(DISTINCT x) FROM t").Scan(&rows); err != nil || rows != len(lengths) {
		t.Errorf("%d rows, %v, want %d", rows, err, len(lengths))
	}
}

// A migration that was taken back and applied again gives no findings when there
// is nothing to do, although its version stands in the history twice; a file that
// came late beside it does.
func TestNothingToDoAfterGoingBack(t *testing.T) {
	files := map[string]string{
		"0001-a.sql": "CREATE TABLE a (x);", "0003-c.sql": "CREATE TABLE c (x);", "rollback/0003-c.sql": "DROP TABLE c;",
	}
	b := memory(t)
	m := migrator(t, b, files, fastmigrate.Options{})
	for _, f := range []func() (*fastmigrate.Report, error){
		func() (*fastmigrate.Report, error) { return m.Up(t.Context()) },
		func() (*fastmigrate.Report, error) { return m.Down(t.Context()) },
		func() (*fastmigrate.Report, error) { return m.Up(t.Context()) },
	} {
		if _, err := f(); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := m.Up(t.Context()); err != nil || len(r.Applied) != 0 || len(r.Findings) != 0 {
		t.Errorf("%+v, %v, want nothing applied and nothing found", r, err)
	}
	files["0002-b.sql"] = "CREATE TABLE b (x);"
	r, err := migrator(t, b, files, fastmigrate.Options{}).Up(t.Context())
	if err != nil || len(r.Findings) != 1 || r.Findings[0].Code != migration.CodeLate {
		t.Errorf("%+v, %v, want the late file found", r, err)
	}
}
