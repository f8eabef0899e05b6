//go:build linux

package crashtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// tally counts how often something came, so that a test can see that it tried
// what it meant to try.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *tally) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = make(map[string]int)
	}
	c.counts[name]++
}

func (c *tally) of(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[name]
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, name := range slices.Sorted(maps.Keys(c.counts)) {
		all = append(all, fmt.Sprintf("%d times %s", c.counts[name], name))
	}
	return strings.Join(all, ", ")
}
