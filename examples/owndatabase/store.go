package owndatabase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// Store is the database that is to be migrated: lists of numbers in one JSON
// file, with transactions. It knows nothing of migrations. Yours is here.
type Store struct{ Path string }

// Data is what the file holds.
type Data struct {
	Lists map[string][]int
	Notes map[string]json.RawMessage // what programs keep beside the lists
}

// poll is how often a lock that another has is tried again.
const poll = 5 * time.Millisecond

// Read returns what the database holds. The error wraps [fs.ErrNotExist] where
// there is no file.
func (s Store) Read() (d Data, err error) {
	text, err := os.ReadFile(s.Path)
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	return d, err
}

// Update is a transaction: what f makes of the data is there as a whole, or not
// at all where f fails or the process dies. There is one at a time, and the
// first makes the file.
func (s Store) Update(ctx context.Context, f func(*Data) error) error {
	lock, err := s.lock(ctx, ".write")
	if err != nil {
		return err
	}
	defer lock.Close()
	d, err := s.Read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if d.Lists == nil {
		d.Lists, d.Notes = map[string][]int{}, map[string]json.RawMessage{}
	}
	if err := f(&d); err != nil {
		return err
	}
	text, err := json.Marshal(d)
	if err == nil {
		err = os.WriteFile(s.Path+".new", text, 0o666)
	}
	if err == nil {
		err = os.Rename(s.Path+".new", s.Path)
	}
	return err
}

// Exec executes a script in one transaction: a statement on each line.
func (s Store) Exec(ctx context.Context, script string) error {
	return s.Update(ctx, func(d *Data) error {
		for line := range strings.Lines(script) {
			if err := d.Execute(ctx, line); err != nil {
				return err
			}
		}
		return nil
	})
}

// lock waits for one of the locks beside the file.
func (s Store) lock(ctx context.Context, which string) (*os.File, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		file, err := tryLock(s.Path + which)
		if file != nil || err != nil {
			return file, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(poll):
		}
	}
}

// Execute executes one statement of the database's language: make LIST, drop
// LIST, put LIST NUMBER, or wait, which takes an hour. A semicolon may follow.
// An empty line, or one that begins with #, does nothing.
func (d *Data) Execute(ctx context.Context, statement string) error {
	words := append(strings.Fields(strings.TrimRight(statement, "; \r\n")), "", "", "")
	list, there := d.Lists[words[1]]
	switch verb := words[0]; {
	case verb == "" || strings.HasPrefix(verb, "#"):
	case verb == "make" && there:
		return fmt.Errorf("list %s is there already", words[1])
	case verb == "make":
		d.Lists[words[1]] = []int{}
	case verb == "wait":
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Hour):
		}
	case (verb == "put" || verb == "drop") && !there:
		return fmt.Errorf("there is no list %s", words[1])
	case verb == "drop":
		delete(d.Lists, words[1])
	case verb == "put":
		n, err := strconv.Atoi(words[2])
		d.Lists[words[1]] = append(list, n)
		return err
	default:
		return fmt.Errorf("what is %q?", verb)
	}
	return nil
}
