package mysql_test

import (
	"bytes"
	"io"
	"net"
	neturl "net/url"
	"sync"
	"testing"
)

// runUntil runs the migrations and cuts all connections just before the server
// gets the statement.
func runUntil(t *testing.T, direct string, f files, statement string) {
	t.Helper()
	u, err := neturl.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	w := newWatch(t, u.Host, statement)
	u.Host = w.listener.Addr().String()
	_, err = up(t, u.String(), f)
	w.close()
	if err == nil || !w.met {
		t.Fatalf("the run was not cut off: %v", err)
	}
	quiet(t, direct)
}

// watch passes connections on until a client sends some words.
type watch struct {
	listener net.Listener
	words    []byte

	mu    sync.Mutex
	conns []net.Conn
	met   bool
}

func newWatch(t *testing.T, target, words string) *watch {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &watch{listener: l, words: append([]byte{3}, words...)}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil || !w.keep(client, server) {
				client.Close()
				continue
			}
			go w.pass(client, server, true)
			go w.pass(server, client, false)
		}
	}()
	t.Cleanup(w.close)
	return w
}

func (w *watch) keep(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.met {
		for _, c := range conns {
			c.Close()
		}
		return false
	}
	w.conns = append(w.conns, conns...)
	return true
}

func (w *watch) pass(from, to net.Conn, asking bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if asking && bytes.Contains(buffer[:n], w.words) {
			w.mu.Lock()
			w.met = true
			w.mu.Unlock()
			w.close()
			return
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if err == io.EOF {
				to.Close()
			}
			return
		}
	}
}

func (w *watch) close() {
	w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
}
