// Package server starts the database servers that contenders work on, syncing
// to disk as in production, and puts latency before them.
package server

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/bench/internal/contender"
	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// Engine is one of the kinds of server.
type Engine string

// The engines.
const (
	Postgres Engine = "PostgreSQL"
	MariaDB  Engine = "MariaDB"
)

// settings make the servers of the tests, which do not sync, into such as one
// would have. All else is as the servers have it unasked.
var settings = map[Engine][]string{
	Postgres: {"fsync=on", "max_wal_size=4GB"},
	MariaDB:  {"innodb-flush-log-at-trx-commit=1", "innodb-buffer-pool-size=512M", "innodb-log-file-size=512M", "max-allowed-packet=64M"},
}

// Server is a running server.
type Server struct {
	engine Engine
	server *testdb.Server
	host   *host
	number int
}

// Start starts a server, which runs until Close.
func Start(e Engine) (*Server, error) {
	h := &host{}
	var s *testdb.Server
	err := h.try(func() {
		if e == Postgres {
			s = testdb.PostgresServer(h, settings[e]...)
		} else {
			s = testdb.MySQLServer(h, settings[e]...)
		}
	})
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return &Server{engine: e, server: s, host: h}, nil
}

// Close ends the server and removes what it has written.
func (s *Server) Close() error { return s.host.close() }

// Delayed puts a round trip of so long before the server, and returns the host
// and port to connect to. It ends with the server. 0 is the server itself.
func (s *Server) Delayed(trip time.Duration) (address string, err error) {
	if trip == 0 {
		return s.server.Address(), nil
	}
	err = s.host.try(func() {
		address = testdb.NewProxy(s.host, s.server.Address(), testdb.ProxyOptions{Delay: trip}).Addr()
	})
	return address, err
}

// Create makes an empty database, with the name that End takes.
func (s *Server) Create(ctx context.Context) (name string, err error) {
	s.number++
	name = fmt.Sprintf("bench%d", s.number)
	_, err = s.Ask(ctx, "", "CREATE DATABASE "+name)
	return name, err
}

// End ends what a contender that was itself ended still does in a database. The
// database stays until the server is gone: for some seconds after its files were
// removed ext4 goes through all of their inodes for each new file, which whoever
// came next would pay for.
func (s *Server) End(ctx context.Context, name string) error {
	if s.engine != Postgres {
		return nil
	}
	_, err := s.Ask(ctx, "", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '"+name+"'")
	return err
}

// URL returns the URL of a database, at an address of the server.
func (s *Server) URL(address, name string) string {
	u, _ := url.Parse(s.server.URL(name))
	u.Host = address
	return u.String()
}

// Ask runs a statement in a database by the server's shell, and returns what it
// printed. The database "" is that which is there always.
func (s *Server) Ask(ctx context.Context, name, sql string) (string, error) {
	db := s.server.URL(name)
	args := []string{"psql", "-X", "-q", "-t", "-A", "-c", sql, db}
	if s.engine == MariaDB {
		args = append(append([]string{"mariadb"}, contender.MariaDBArgs(db)...), "--skip-column-names", "--execute="+sql)
	}
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w\n%s", s.engine, sql, err, out)
	}
	return strings.TrimSpace(string(out)), nil
}
