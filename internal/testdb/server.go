package testdb

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// readyWithin is how long a server may take to answer on a busy machine.
const readyWithin = 60 * time.Second

// Server is one throwaway database server.
type Server struct {
	engine   engine
	settings []string
	dir      string // holds all that the server writes
	port     int
	url      string // of a server that is not ours; "" for one that is
	process  *process
	number   int // of databases made so far
	mu       sync.Mutex
}

// engine is what differs between the kinds of server.
type engine struct {
	name     string
	account  string                                  // runs the server where we are root, which servers refuse to be
	binary   func() string                           // path of the server program, "" where there is none
	variable string                                  // names the URL of a server to use instead
	install  func(s *Server) *exec.Cmd               // makes the data folder
	command  func(s *Server) *exec.Cmd               // runs the server in the foreground
	url      func(s *Server, database string) string // of a database
	ping     func(url string) error                  // connects
	create   func(url, name string) error            // makes a database
	quit     syscall.Signal                          // ends the server at once, in order
}

// start makes a server and waits until it answers.
func start(e engine, settings []string) (*Server, error) {
	s := &Server{engine: e, settings: settings}
	if s.url = os.Getenv(e.variable); s.url != "" && len(settings) == 0 {
		return s, nil
	}
	if e.binary() == "" {
		return nil, fmt.Errorf("no %s server is installed, and %s names none to use instead; scripts/deps installs it on Debian", e.name, e.variable)
	}
	dir, err := os.MkdirTemp("", "fastmigrate-"+e.name+"-")
	if err != nil {
		return nil, err
	}
	s.dir, s.url = dir, ""
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// prepare makes the data folder and starts the server.
func (s *Server) prepare() error {
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return err
	}
	credential, err := s.credential()
	if err != nil {
		return err
	}
	if credential != nil {
		if err := os.Chown(s.dir, int(credential.Uid), int(credential.Gid)); err != nil {
			return err
		}
	}
	install := s.engine.install(s)
	as(install, credential)
	var out bytes.Buffer
	install.Stdout, install.Stderr = &out, &out
	if err := install.Run(); err != nil {
		return fmt.Errorf("set up %s: %w\n%s", s.engine.name, err, out.Bytes())
	}
	return s.run()
}

// credential returns whom the server runs as, nil for whoever we are.
func (s *Server) credential() (*account, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup(s.engine.account)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &account{Uid: uint32(uid), Gid: uint32(gid)}, err
}

// account is whom a process runs as.
type account struct{ Uid, Gid uint32 }

// run starts the server and waits until it answers. Another process may take
// the port between our choice and the server's: then another is tried. After a
// kill the server's own children may hold its data for a moment.
func (s *Server) run() error {
	credential, err := s.credential()
	if err != nil {
		return err
	}
	keep := s.port != 0
	tries := 3
	if keep {
		tries = 50
	}
	for range tries {
		if !keep {
			if s.port, err = freePort(); err != nil {
				return err
			}
		}
		if err = s.once(credential); err == nil {
			return nil
		}
		if keep {
			time.Sleep(100 * time.Millisecond)
		}
	}
	return err
}

func (s *Server) once(credential *account) error {
	cmd := s.engine.command(s)
	as(cmd, credential)
	cmd.Dir = s.dir
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	p, err := launch(cmd)
	if err != nil {
		return err
	}
	s.process = p
	for deadline := time.Now().Add(readyWithin); ; {
		err := s.engine.ping(s.URL(""))
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended while it started: %w\n%s", s.engine.name, p.err, tail(log.Name()))
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.signal(syscall.SIGKILL)
			return fmt.Errorf("%s does not answer: %w\n%s", s.engine.name, err, tail(log.Name()))
		}
	}
}

// URL returns the URL of a database on the server; "" is that which is there
// always, for connections that make others.
func (s *Server) URL(database string) string { return s.engine.url(s, database) }

// Address returns the server's host and port.
func (s *Server) Address() string {
	if u, err := url.Parse(s.url); err == nil && s.url != "" {
		return u.Host
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
}

// NewDatabase makes an empty database and returns its URL.
func (s *Server) NewDatabase(t testing.TB) string {
	t.Helper()
	s.mu.Lock()
	s.number++
	name := fmt.Sprintf("t%d_%d", os.Getpid(), s.number)
	s.mu.Unlock()
	if err := s.engine.create(s.URL(""), name); err != nil {
		t.Fatalf("make a database on %s: %v", s.engine.name, err)
	}
	return s.URL(name)
}

// Kill ends the server by SIGKILL, as a crash of its machine would, and
// returns when it is gone.
func (s *Server) Kill() {
	s.process.signal(syscall.SIGKILL)
	<-s.process.ended
}

// Start starts the server again after [Server.Kill], on the same data and port.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

// stop ends the server and removes all that it has written.
func (s *Server) stop() error {
	if s.process != nil {
		s.process.signal(s.engine.quit)
		select {
		case <-s.process.ended:
		case <-time.After(10 * time.Second):
			s.Kill()
		}
	}
	if s.dir == "" {
		return nil
	}
	return os.RemoveAll(s.dir)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// tail returns the end of a log.
func tail(file string) []byte {
	text, _ := os.ReadFile(file)
	return text[max(0, len(text)-2000):]
}

// Socket returns where the server's unix socket is: the folder of it for
// PostgreSQL, the socket itself for MariaDB.
func (s *Server) Socket() string {
	if s.engine.account == "mysql" {
		return filepath.Join(s.dir, "s.sock")
	}
	return s.dir
}
