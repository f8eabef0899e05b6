package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/backend"
	"github.com/fastmigrate/fastmigrate/migration"
)

// pooled returns a database's URL by way of a pgbouncer that hands out a
// server's connection for each transaction, two of them at most.
func pooled(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "fastmigrate-pgbouncer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
* = host=%s port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
`, u.Hostname(), u.Port(), port)
	if u.User.Username() != "" {
		text = strings.Replace(text, "port="+u.Port(), "port="+u.Port()+" user="+u.User.Username(), 1)
	}
	if err := errors.Join(os.WriteFile(config, []byte(text), 0o644), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("pgbouncer", config)
	if _, err := exec.LookPath("pgbouncer"); err != nil {
		cmd = exec.Command("/usr/sbin/pgbouncer", config)
	}
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if os.Getuid() == 0 { // which it refuses to be
		who, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(who.Uid)
		gid, _ := strconv.Atoi(who.Gid)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for deadline := time.Now().Add(30 * time.Second); ; {
		if conn, err := net.Dial("tcp", u.Host); err == nil {
			conn.Close()
			return u.String()
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("pgbouncer ended: %v\n%s", err, &log)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("pgbouncer does not answer\n%s", &log)
		}
	}
}

// Behind a pooler that gives each transaction another connection the lock holds
// all the same, and nothing that a script sets is met by anybody else.
func TestPooler(t *testing.T) {
	for kind, query := range kinds {
		t.Run(kind, func(t *testing.T) {
			d := managed(t)
			pool := pooled(t, d.url)
			ctx := context.Background()
			s, err := open(t, pool+query).Session(ctx, backend.SessionOptions{})
			if err != nil {
				t.Fatal(err)
			}
			// With others at work on the pool the lock stays where it is.
			for range 20 {
				if state, err := open(t, pool+query).State(ctx); err != nil || state != "0" {
					t.Fatal(state, err)
				}
			}
			for _, other := range []string{pool, d.url} {
				if _, err := open(t, other+query).Session(ctx, backend.SessionOptions{LockTimeout: -1}); !errors.Is(err, migration.ErrBusyRun) {
					t.Errorf("a second session: %v", err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			f := files{
				"0001-a": "SET search_path = ''; SET work_mem = '1MB'; SET ROLE pg_monitor; RESET ROLE; CREATE TABLE public.a (x int); COPY public.a FROM STDIN;\n1\n2\n\\.\nCREATE TEMP TABLE tmp (x int);",
				"0002-b": "CREATE TABLE seen AS SELECT current_setting('work_mem') AS m, to_regclass('tmp')::text AS tmp, current_schema()::text AS s",
				"0003-c": "CREATE INDEX CONCURRENTLY i ON a (x); CREATE TABLE c (x int);",
			}
			if _, err := d.upOn(pool+query, f); err != nil {
				t.Fatal(err)
			}
			d.expect("SELECT * FROM seen", "4MB|<nil>|public")
			d.expect(version, "3")
			d.expect("SELECT count(*) FROM a", "2")
		})
	}
}
