package testdb

import (
	"os"
	"sync"
	"testing"
)

// The servers that all tests of a program use.
var sharedPostgres, sharedMySQL shared

// shared is a server that is started when it is first asked for.
type shared struct {
	once sync.Once
	s    *Server
	err  error
}

func (s *shared) server(t testing.TB, e engine) *Server {
	t.Helper()
	s.once.Do(func() { s.s, s.err = start(e, nil) })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.s
}

// Main runs a program's tests, for its TestMain, and then ends the servers
// that they have started.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop ends the servers that tests share, for a TestMain of another shape.
func Stop() {
	for _, s := range []*shared{&sharedPostgres, &sharedMySQL} {
		if s.s != nil {
			_ = s.s.stop()
		}
	}
}

// own starts a server that ends with the test.
func own(t testing.TB, e engine, settings []string) *Server {
	t.Helper()
	s, err := start(e, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}
