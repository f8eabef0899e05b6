package sqlscan

import (
	"flag"
	"testing"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// TestMain makes the properties try more than the hundred inputs that rapid
// would take by itself: they are quick. The flag -rapid.checks goes before.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "5000"); err != nil {
		panic(err)
	}
	flag.Parse()
	testdb.Main(m)
}
