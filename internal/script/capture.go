package script

import (
	"fmt"
	"sync"
)

// What is kept of an output: its beginning, where a program says what it does,
// and more of its end, where it says why it failed.
const (
	headSize = 16 << 10
	tailSize = 48 << 10
)

// capture keeps the beginning and the end of all that is added to it.
type capture struct {
	head, tail []byte
	total      int64
}

func (c *capture) add(p []byte) {
	c.total += int64(len(p))
	n := min(headSize-len(c.head), len(p))
	c.head = append(c.head, p[:n]...)
	c.tail = append(c.tail, p[n:]...)
	// Cutting only at double the size moves each byte once on average.
	if len(c.tail) > 2*tailSize {
		c.tail = c.tail[:copy(c.tail, c.tail[len(c.tail)-tailSize:])]
	}
}

// String returns what was kept, with a note where something was left out.
func (c *capture) String() string {
	tail := c.tail[max(0, len(c.tail)-tailSize):]
	left := c.total - int64(len(c.head)+len(tail))
	if left == 0 {
		return string(c.head) + string(tail)
	}
	return fmt.Sprintf("%s\n[... %d bytes left out ...]\n%s", c.head, left, tail)
}

// sink takes one output of a child: it keeps it, and passes it on.
type sink struct {
	capture
	stream Stream
	output func(Stream, []byte)
	mu     *sync.Mutex // shared by a child's sinks, so that output's calls don't overlap
}

func newSinks(output func(Stream, []byte)) (stdout, stderr *sink) {
	mu := new(sync.Mutex)
	return &sink{stream: Stdout, output: output, mu: mu},
		&sink{stream: Stderr, output: output, mu: mu}
}

// Write implements io.Writer; it never fails.
func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(p)
	if s.output != nil {
		s.output(s.stream, p)
	}
	return len(p), nil
}
