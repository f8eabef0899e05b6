package backendtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/fastmigrate/fastmigrate/migration"
)

// Memory is a small database: tables of numbers, in memory, with transactions.
// It stands for any database that a backend is written for; the backend that
// [Memory.Open] returns is the suite's first example, and serves tests that
// need a database and no server.
//
// A statement stands on a line. There are CREATE TABLE t, DROP TABLE t, INSERT
// INTO t VALUES (n), UPDATE _meta SET version = n, and SLEEP, which ends when
// it is cancelled. Lines that begin with -- are passed over.
type Memory struct {
	mu      sync.Mutex // one transaction at a time
	content content
	lock    chan struct{} // holds a value while a session has our lock
	holder  string        // of the lock
}

// content is what a transaction sees and changes.
type content struct {
	tables  map[string][]int
	managed bool // whether there is a version table
	version migration.Version
	history []migration.Entry
}

// NewMemory returns an empty database, not managed yet.
func NewMemory() *Memory {
	return &Memory{content: content{tables: map[string][]int{}}, lock: make(chan struct{}, 1)}
}

// Exec executes a script as another program would: in one transaction, and
// without a look at our lock.
func (m *Memory) Exec(script string) error {
	return m.transaction(func(c *content) error {
		return statements(strings.NewReader(script), func(statement string, _ int) error {
			return c.execute(context.Background(), statement)
		})
	})
}

// Rows returns the numbers in a table, as another program sees them.
func (m *Memory) Rows(table string) (numbers []int, there bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	numbers, there = m.content.tables[table]
	return slices.Clone(numbers), there
}

// transaction runs f on a copy of the content, which becomes the content if f
// returns no error.
func (m *Memory) transaction(f func(*content) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	changed := m.content.clone()
	if err := f(&changed); err != nil {
		return err
	}
	m.content = changed
	return nil
}

// clone returns a copy that shares nothing with the content.
func (c *content) clone() content {
	other := *c
	other.tables = maps.Clone(c.tables)
	for name, numbers := range other.tables {
		other.tables[name] = slices.Clone(numbers)
	}
	other.history = slices.Clone(c.history)
	return other
}

// errSyntax is what the database says to what it does not understand.
var errSyntax = errors.New("syntax error")

// execute executes one statement.
func (c *content) execute(ctx context.Context, statement string) error {
	words := strings.Fields(strings.NewReplacer("(", " ", ")", " ").Replace(statement))
	if len(words) == 1 && words[0] == "SLEEP" {
		<-ctx.Done()
		return ctx.Err()
	}
	if len(words) < 3 {
		return fmt.Errorf("%w in %q", errSyntax, statement)
	}
	table := words[2]
	_, there := c.tables[table]
	switch verb := words[0] + " " + words[1]; {
	case verb == "UPDATE _meta":
		return c.update(words)
	case verb == "CREATE TABLE" && !there:
		c.tables[table] = nil
		return nil
	case verb == "CREATE TABLE":
		return fmt.Errorf("table %s is there already", table)
	case (verb == "DROP TABLE" || verb == "INSERT INTO") && !there:
		return fmt.Errorf("there is no table %s", table)
	case verb == "DROP TABLE":
		delete(c.tables, table)
		return nil
	case verb == "INSERT INTO" && len(words) == 5 && words[3] == "VALUES":
		n, err := strconv.Atoi(words[4])
		c.tables[table] = append(c.tables[table], n)
		return err
	}
	return fmt.Errorf("%w in %q", errSyntax, statement)
}

// update executes UPDATE _meta SET version = n.
func (c *content) update(words []string) error {
	if len(words) < 6 || !c.managed {
		return fmt.Errorf("%w in %q", errSyntax, strings.Join(words, " "))
	}
	n, err := strconv.Atoi(words[5])
	c.version = migration.Version(n)
	return err
}
