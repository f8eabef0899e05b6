package sqlscan

import (
	"flag"
	"os"
	"testing"
)

// TestMain makes the properties try more than the hundred inputs that rapid
// would take by itself: they are quick. The flag -rapid.checks goes before.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "5000"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}
