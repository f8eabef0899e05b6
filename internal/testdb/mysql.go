package testdb

import (
	"database/sql"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// MySQL returns the URL of a new, empty database on a MariaDB server that all
// tests of the program share.
func MySQL(t testing.TB) string {
	t.Helper()
	return sharedMySQL.server(t, mysqlEngine()).NewDatabase(t)
}

// MySQLServer starts a MariaDB server of the test's own. The settings are the
// server's options without their hyphens, as in "max-allowed-packet=1M".
func MySQLServer(t testing.TB, settings ...string) *Server {
	t.Helper()
	return own(t, mysqlEngine(), append([]string{"max-connections=200"}, settings...))
}

func mysqlEngine() engine {
	return engine{
		name: "mariadb", account: "mysql", variable: "FASTMIGRATE_TEST_MYSQL_URL", quit: syscall.SIGTERM,
		binary: func() string { return mysqlProgram("mariadbd") },
		install: func(s *Server) *exec.Cmd {
			return exec.Command(mysqlProgram("mariadb-install-db"), "--no-defaults", "--datadir="+filepath.Join(s.dir, "data"),
				"--auth-root-authentication-method=normal", "--skip-test-db")
		},
		command: func(s *Server) *exec.Cmd {
			args := []string{"--no-defaults", "--datadir=" + filepath.Join(s.dir, "data"),
				"--socket=" + filepath.Join(s.dir, "s.sock"), "--tmpdir=" + s.dir, "--pid-file=" + filepath.Join(s.dir, "pid"),
				"--port=" + strconv.Itoa(s.port), "--bind-address=127.0.0.1", "--skip-name-resolve",
				"--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--max-connections=200"}
			for _, setting := range s.settings {
				args = append(args, "--"+setting)
			}
			return exec.Command(mysqlProgram("mariadbd"), args...)
		},
		url: func(s *Server, database string) string {
			if s.url != "" {
				return withPath(s.url, database)
			}
			return fmt.Sprintf("mysql://root@%s/%s", s.Address(), database)
		},
		ping: func(url string) error { return onMySQL(url, (*sql.DB).Ping) },
		create: func(url, name string) error {
			return onMySQL(url, func(db *sql.DB) error {
				_, err := db.Exec("CREATE DATABASE " + name)
				return err
			})
		},
	}
}

func onMySQL(server string, f func(*sql.DB) error) error {
	u, err := url.Parse(server)
	if err != nil {
		return err
	}
	c := mysql.NewConfig()
	c.Net, c.Addr, c.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.Timeout, c.Logger = readyWithin, quiet{}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	return f(db)
}

// quiet keeps the driver from telling that a server is not up yet.
type quiet struct{}

func (quiet) Print(...any) {}

// mysqlProgram returns the path of one of the server's programs, or "".
func mysqlProgram(name string) string {
	for _, at := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path
		}
	}
	return ""
}
