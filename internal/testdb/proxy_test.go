package testdb_test

import (
	"bufio"
	"net"
	"testing"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/testdb"
)

// echo answers each line with itself, and returns its address and what it has
// received.
func echo(t *testing.T) (string, chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	received := make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for lines := bufio.NewScanner(c); lines.Scan(); {
					received <- lines.Text()
					_, _ = c.Write(append(lines.Bytes(), '\n'))
				}
			}()
		}
	}()
	return l.Addr().String(), received
}

// say sends a line and returns the answer, "" where there is none.
func say(t *testing.T, c net.Conn, line string) string {
	t.Helper()
	_, _ = c.Write([]byte(line + "\n"))
	answer, _ := bufio.NewReader(c).ReadString('\n')
	return answer
}

func dial(t *testing.T, p *testdb.Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestProxyDelays(t *testing.T) {
	target, _ := echo(t)
	p := testdb.NewProxy(t, target, testdb.ProxyOptions{Delay: 50 * time.Millisecond})
	c := dial(t, p)
	began := time.Now()
	if say(t, c, "a") != "a\n" || say(t, c, "b") != "b\n" {
		t.Error("no echo")
	}
	if took := time.Since(began); took < 100*time.Millisecond || p.RoundTrips() != 2 {
		t.Errorf("%d round trips in %v", p.RoundTrips(), took)
	}
}

func TestProxyCuts(t *testing.T) {
	target, received := echo(t)
	p := testdb.NewProxy(t, target, testdb.ProxyOptions{CutBefore: 2})
	c := dial(t, p)
	if say(t, c, "a") != "a\n" || say(t, c, "b") != "" || !p.Cut() {
		t.Error("the second line was answered, or the first not")
	}
	p = testdb.NewProxy(t, target, testdb.ProxyOptions{CutAfter: 2})
	c = dial(t, p)
	if say(t, c, "c") != "c\n" || say(t, c, "d") != "" {
		t.Error("the second line was answered, or the first not")
	}
	for _, want := range []string{"a", "c", "d"} {
		if got := <-received; got != want {
			t.Errorf("the server received %q, want %q", got, want)
		}
	}
}
