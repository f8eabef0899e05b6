package testdb

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// ProxyOptions says what a [Proxy] does to the connections through it.
type ProxyOptions struct {
	// Delay is what one round trip takes longer: half of it each way. Bytes
	// that follow closely are delayed together, as on a long line.
	Delay time.Duration
	// CutBefore counts what clients send, on all connections, in the pieces in
	// which it arrives: that piece is not passed on, and all connections are
	// closed. 0 means never.
	CutBefore int
	// CutAfter is the same, but the piece is passed on to the server, and what
	// the server answers is lost. 0 means never.
	CutAfter int
}

// Proxy is a TCP proxy in front of a server.
type Proxy struct {
	listener net.Listener
	target   string
	options  ProxyOptions
	pipes    sync.WaitGroup

	mu     sync.Mutex
	conns  []net.Conn
	pieces int
	trips  int
	cut    bool
}

// NewProxy starts a proxy to a server's host and port. It ends with the test.
func NewProxy(t testing.TB, target string, o ProxyOptions) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, target: target, options: o}
	p.pipes.Go(p.serve)
	t.Cleanup(func() {
		p.close()
		p.pipes.Wait()
	})
	return p
}

// Addr returns the host and port to connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// RoundTrips returns how many times a client has sent something and then
// waited for an answer, on all connections together, connecting left out.
func (p *Proxy) RoundTrips() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trips
}

// Pieces returns how many pieces clients have sent.
func (p *Proxy) Pieces() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pieces
}

// Cut says whether the proxy has cut the connections.
func (p *Proxy) Cut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut
}

// Break closes all connections now, and takes no more.
func (p *Proxy) Break() { p.close() }

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		if !p.keep(client, server) {
			continue
		}
		c := &pipe{proxy: p, client: client, server: server}
		p.pipes.Go(func() { c.pass(client, server, c.asked) })
		p.pipes.Go(func() { c.pass(server, client, c.answered) })
	}
}

// keep notes the connections, to be closed later, unless all are closed.
func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		for _, c := range conns {
			c.Close()
		}
		return false
	}
	p.conns = append(p.conns, conns...)
	return true
}

// close closes everything.
func (p *Proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for _, c := range p.conns {
		c.Close()
	}
}

// pipe is one connection through the proxy.
type pipe struct {
	proxy          *Proxy
	client, server net.Conn
	mu             sync.Mutex
	waiting        bool // for an answer
}

// asked notes a piece that the client has sent, and says whether it is to be
// passed on, and whether all connections are closed then.
func (c *pipe) asked() (pass, cut bool) {
	c.mu.Lock()
	c.waiting = true
	c.mu.Unlock()
	p := c.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pieces++
	before := p.pieces == p.options.CutBefore
	return !before, before || p.pieces == p.options.CutAfter
}

// answered notes a piece that the server has sent.
func (c *pipe) answered() (pass, cut bool) {
	c.mu.Lock()
	trip := c.waiting
	c.waiting = false
	c.mu.Unlock()
	if trip {
		c.proxy.mu.Lock()
		c.proxy.trips++
		c.proxy.mu.Unlock()
	}
	return true, false
}

// late is a piece and when it is to arrive.
type late struct {
	text []byte
	at   time.Time
	cut  bool
}

// pass copies what comes from one side to the other, later.
func (c *pipe) pass(from, to net.Conn, note func() (pass, cut bool)) {
	line := make(chan late, 1024)
	c.proxy.pipes.Go(func() {
		for l := range line {
			time.Sleep(time.Until(l.at))
			if l.cut {
				c.client.Close() // before the server can answer
			}
			_, err := to.Write(l.text)
			if l.cut {
				c.swallow()
			}
			if err != nil {
				break
			}
		}
		to.Close()
		for range line { // so that the reader comes to its end
		}
	})
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			pass, cut := note()
			if cut && !pass {
				c.proxy.close()
				break
			}
			line <- late{append([]byte(nil), buffer[:n]...), time.Now().Add(c.proxy.options.Delay / 2), cut}
		}
		if err != nil {
			break
		}
	}
	close(line)
}

// swallow closes all connections when the server has answered, or has been given
// time to.
func (c *pipe) swallow() {
	_ = c.server.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	_, _ = io.CopyN(io.Discard, c.server, 1)
	c.proxy.close()
}
