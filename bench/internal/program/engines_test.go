package program_test

import (
	"os/exec"
	"strings"
	"testing"
)

// engines are the modules that the databases' drivers are made of.
var engines = []string{
	"github.com/mattn/go-sqlite3", "modernc.org/sqlite", "modernc.org/libc", "github.com/jackc/pgx/v5",
	"github.com/go-sql-driver/mysql", "golang.org/x/sys", "golang.org/x/text",
}

// Peers run on the engines that we run on, in the same versions: what differs is
// not theirs then.
func TestEngines(t *testing.T) {
	suites := versions(t, "../..")
	for i, ours := range versions(t, "../../..") {
		if suites[i] != ours {
			t.Errorf("the suite has %s, and our own module %s: change the replace lines of bench/go.mod, and go mod tidy", suites[i], ours)
		}
	}
}

// versions returns a line for each engine as a module has it.
func versions(t *testing.T, dir string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-m", "-f", "{{.Path}} {{with .Replace}}{{.Version}}{{else}}{{.Version}}{{end}}"}, engines...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
