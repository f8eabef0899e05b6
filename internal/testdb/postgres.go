package testdb

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres returns the URL of a new, empty database on a PostgreSQL server that
// all tests of the program share.
func Postgres(t testing.TB) string {
	t.Helper()
	return sharedPostgres.server(t, postgresEngine()).NewDatabase(t)
}

// PostgresServer starts a PostgreSQL server of the test's own. The settings are
// lines of postgresql.conf, as in "max_connections=200".
func PostgresServer(t testing.TB, settings ...string) *Server {
	t.Helper()
	return own(t, postgresEngine(), append([]string{"max_connections=200"}, settings...))
}

func postgresEngine() engine {
	return engine{
		name: "postgres", account: "postgres", variable: "FASTMIGRATE_TEST_POSTGRES_URL", quit: syscall.SIGINT,
		binary: func() string { return postgresProgram("postgres") },
		install: func(s *Server) *exec.Cmd {
			return exec.Command(postgresProgram("initdb"), "-D", filepath.Join(s.dir, "data"),
				"-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
		},
		command: func(s *Server) *exec.Cmd {
			args := []string{"-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-p", strconv.Itoa(s.port),
				"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "fsync=off"}
			for _, setting := range s.settings {
				args = append(args, "-c", setting)
			}
			return exec.Command(postgresProgram("postgres"), args...)
		},
		url: func(s *Server, database string) string {
			if database == "" {
				database = "postgres"
			}
			if s.url != "" {
				return withPath(s.url, database)
			}
			return fmt.Sprintf("postgres://postgres@%s/%s", s.Address(), database)
		},
		ping: func(url string) error {
			return onPostgres(url, func(context.Context, *pgx.Conn) error { return nil })
		},
		create: func(url, name string) error {
			return onPostgres(url, func(ctx context.Context, c *pgx.Conn) error {
				_, err := c.Exec(ctx, "CREATE DATABASE "+name)
				return err
			})
		},
	}
}

func onPostgres(url string, f func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	return f(ctx, c)
}

// postgresProgram returns the path of one of the server's programs, the newest
// there is, or "". Debian keeps them off the PATH.
func postgresProgram(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	slices.SortFunc(found, func(a, b string) int { return release(a) - release(b) })
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}

func release(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// withPath returns a server's URL with another database.
func withPath(server, database string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + database
	return u.String()
}

// RequirePasswords makes a PostgreSQL server of the test's own ask for
// passwords from then on.
func (s *Server) RequirePasswords(t testing.TB) {
	t.Helper()
	file := filepath.Join(s.dir, "data", "pg_hba.conf")
	if err := os.WriteFile(file, []byte("host all all all scram-sha-256\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.process.signal(syscall.SIGHUP)
	for deadline := time.Now().Add(readyWithin); s.engine.ping(s.URL("")) == nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the server does not ask for passwords")
		}
	}
}
