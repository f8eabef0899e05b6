package cli

import (
	"bytes"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// withServers is a run of tests that ends the servers they have started.
type withServers struct{ *testing.M }

func (m withServers) Run() int {
	defer testdb.Stop()
	return m.M.Run()
}

// TestServers plays sessions on a PostgreSQL and on a MariaDB server. $PG and
// $MY are the URLs of empty databases, and $PGNEW and $MYNEW of such as are not
// there yet.
func TestServers(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/server",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			for name, u := range map[string]string{"PG": testdb.Postgres(t), "MY": testdb.MySQL(t)} {
				e.Setenv(name, u)
				e.Setenv(name+"NEW", u+"_new")
				parsed, err := url.Parse(u)
				if err != nil {
					return err
				}
				e.Setenv(name+"HOST", parsed.Hostname())
				e.Setenv(name+"PORT", parsed.Port())
				e.Setenv(name+"NAME", strings.TrimPrefix(parsed.Path, "/"))
			}
			e.Setenv("FASTMIGRATE_PYTHON", systemPython)
			e.Setenv("TZ", "UTC")
			e.Values["environ"] = &e.Vars
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdCode,
			"json":  cmdJSON,
			"pg":    cmdPostgres,
			"my":    cmdMySQL,
			"crowd": cmdCrowd,
		},
	})
}

// cmdPostgres asks a PostgreSQL database something with psql and compares the
// answer, a line a row: pg URL QUERY WANT.
func cmdPostgres(ts *testscript.TestScript, neg bool, args []string) {
	answers(ts, neg, args, "psql", "-XAtq", "-d", args[0], "-c", args[1])
}

// cmdMySQL does so with the mariadb client.
func cmdMySQL(ts *testscript.TestScript, neg bool, args []string) {
	u, err := url.Parse(args[0])
	ts.Check(err)
	answers(ts, neg, args, "mariadb", "--no-defaults", "-uroot", "-h", u.Hostname(), "-P", u.Port(), "-BN", "-e", args[1],
		strings.TrimPrefix(u.Path, "/"))
}

func answers(ts *testscript.TestScript, neg bool, args []string, command ...string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: pg|my URL QUERY [WANT]")
	}
	ts.Check(ts.Exec(command[0], command[1:]...))
	if got := strings.TrimSpace(ts.ReadFile("stdout")); len(args) == 3 && got != args[2] {
		ts.Fatalf("%s: got %q, want %q", args[1], got, args[2])
	}
}

// cmdCrowd starts many copies of a program at once, all of which must end well,
// and counts the migrations that they applied together: crowd COPIES APPLIED
// PROGRAM ARG….
func cmdCrowd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: crowd COPIES APPLIED PROGRAM ARG...")
	}
	copies, err := strconv.Atoi(args[0])
	ts.Check(err)
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	cmds, outputs := make([]*exec.Cmd, copies), make([]bytes.Buffer, copies)
	for i := range cmds {
		cmds[i] = exec.Command(path, args[3:]...)
		cmds[i].Dir, cmds[i].Env = ts.MkAbs("."), *ts.Value("environ").(*[]string)
		cmds[i].Stdout, cmds[i].Stderr = &outputs[i], &outputs[i]
		ts.Check(cmds[i].Start())
	}
	applied := 0
	for i, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			ts.Logf("copy %d: %v\n%s", i, err, outputs[i].String())
			applied = -1 << 20
		}
		applied += strings.Count("\n"+outputs[i].String(), "\napplied ")
	}
	if strconv.Itoa(applied) != args[1] {
		ts.Fatalf("%d migrations were applied, want %s", applied, args[1])
	}
}
