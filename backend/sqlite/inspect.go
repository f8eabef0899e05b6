package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// directive is what the first comment of a script says to have its statements
// run without a transaction around them.
const directive = "fastmigrate: no-transaction"

func saysNoTransaction(comment string) bool {
	for line := range strings.Lines(comment) {
		if strings.TrimSpace(strings.TrimLeft(line, "-/* \t")) == directive {
			return true
		}
	}
	return false
}

// scriptReader reads a script statement by statement, for inspection or for
// execution.
type scriptReader struct {
	*sqlscan.Scanner
	file   string
	closer io.Closer
	seg    *segmenter
}

func openScript(script *migration.SQL) (*scriptReader, error) {
	text, err := script.Open()
	if err != nil {
		return nil, place(script.Name, "read", err)
	}
	return &scriptReader{Scanner: sqlscan.New(text, sqlscan.SQLite), file: script.Name, closer: text}, nil
}

// next returns the next statement, what it is and what to do about it; ok is
// false at the end of the script.
func (r *scriptReader) next() (st *sqlscan.Statement, n nature, m move, ok bool, err error) {
	if !r.Scan() {
		return nil, n, m, false, r.failure()
	}
	if r.seg == nil {
		r.seg = &segmenter{each: saysNoTransaction(r.Comment())}
	}
	st = r.Statement()
	n = classify(st.Text)
	if m, err = r.seg.next(n, st.Line); err != nil {
		return st, n, m, false, r.refuse(st.Line, st.Column, st.Text, err)
	}
	return st, n, m, true, nil
}

// end says whether a transaction of ours is open at the end of the script.
func (r *scriptReader) end() (open bool, err error) {
	if r.seg == nil {
		return false, nil
	}
	open, line, err := r.seg.end()
	if err != nil {
		return false, r.refuse(line, 0, nil, err)
	}
	return open, nil
}

// sum returns the checksum of the text up to the end of the statement.
func (r *scriptReader) sum() migration.Checksum {
	sum := r.Sum()
	return migration.HexChecksum(sum[:])
}

// sumBefore returns the checksum of the text up to the statement.
func (r *scriptReader) sumBefore() migration.Checksum {
	sum := r.SumBefore()
	return migration.HexChecksum(sum[:])
}

func (r *scriptReader) Close() error { return r.closer.Close() }

// failure returns why scanning stopped, with its place, or nil at the end.
func (r *scriptReader) failure() error {
	err := r.Err()
	var bad *sqlscan.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad) && bad.Err == nil:
		return r.refuse(bad.Line, bad.Column, nil, errors.New(bad.Msg))
	}
	return place(r.file, "read", err)
}

// refuse says that the script must not be run, and where.
func (r *scriptReader) refuse(line, column int, statement []byte, why error) error {
	return &migration.Error{
		Op:        "inspect",
		Origin:    migration.Origin{File: r.file, Line: line, Column: column},
		Statement: migration.FirstLine(string(statement)),
		Hint:      "mend the script; nothing of it was run",
		Err:       refused{why},
	}
}

// refused is an error for which [migration.ErrRefused] stands, in its own words.
type refused struct{ error }

func (r refused) Is(target error) bool { return target == migration.ErrRefused }

// Inspect reads the script once and tells what it is going to do.
func (b *Backend) Inspect(ctx context.Context, script *migration.SQL) (migration.Traits, error) {
	var t migration.Traits
	r, err := openScript(script)
	if err != nil {
		return t, err
	}
	defer r.Close()
	tables := make(tableNames)
	count := counter{r: r, traits: &t}
	for {
		st, n, m, ok, err := r.next()
		if err != nil {
			return t, err
		}
		if !ok {
			break
		}
		count.statement(n, m)
		tables.add(st.Text)
		if t.Statements++; t.Statements%1024 == 0 && ctx.Err() != nil {
			return t, ctx.Err()
		}
	}
	open, err := r.end()
	if err != nil {
		return t, err
	}
	if open {
		count.close(r.sum())
	}
	t.Checksum = r.sum()
	t.Bytes = r.Size()
	t.Wrapped = !t.OwnTransaction && !t.Outside && (r.seg == nil || !r.seg.each)
	t.Tables, t.AllTables = tables.sorted()
	return t, nil
}

// counter counts the segments of a script, up to the last that changes
// anything.
type counter struct {
	r        *scriptReader
	traits   *migration.Traits
	segments int
	effect   bool
}

func (c *counter) statement(n nature, m move) {
	if m.closeBefore {
		c.close(c.r.sumBefore())
	}
	t := c.traits
	t.OwnTransaction = t.OwnTransaction || m.run == runBegin
	t.Outside = t.Outside || m.run == runBare
	t.SessionState = t.SessionState || n.session
	t.TemporaryObjects = t.TemporaryObjects || n.temporary
	t.Routines = t.Routines || n.routine
	c.effect = c.effect || n.effect && m.run != runBare
	switch {
	case m.run == runRollback:
		c.effect = false
	case m.run == runCommit || m.closeAfter:
		c.close(c.r.sum())
	}
}

// close ends a segment, the text up to which has the checksum.
func (c *counter) close(prefix migration.Checksum) {
	c.segments++
	if c.effect {
		c.traits.Segments, c.traits.RecordedPrefix = c.segments, prefix
	}
	c.effect = false
}

// maxTables bounds how many names of tables are kept of one script.
const maxTables = 10_000

// tableNames gathers the names of the tables that a script's text names.
type tableNames map[string]struct{}

// add looks for names where SQLite's grammar has a table's name. An INSERT is
// read up to its values only, so that a large script is not read a third time.
func (names tableNames) add(text []byte) {
	expect := false
	for t := range sqlscan.Tokens(text, sqlscan.SQLite) {
		name := t.Kind == sqlscan.Word || t.Kind == sqlscan.Quoted || t.Kind == sqlscan.String
		switch {
		case t.Is("VALUES"):
			return
		case slices.ContainsFunc([]string{"TABLE", "INTO", "UPDATE", "FROM", "JOIN", "REFERENCES", "TO"}, t.Is):
			expect = true
		case expect && slices.ContainsFunc([]string{"IF", "NOT", "EXISTS", "OR", "ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE", "SET"}, t.Is):
		case string(t.Text) == ".":
			expect = true // what came before was the name of a schema
		case expect && name && len(names) <= maxTables:
			names[strings.ToLower(sqlscan.Unquote(t))] = struct{}{}
			expect = false
		default:
			expect = false
		}
	}
}

// sorted returns the names in order, or all if there were too many to keep.
func (names tableNames) sorted() (sorted []string, all bool) {
	if len(names) > maxTables {
		return nil, true
	}
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	return sorted, false
}

// describeSegments says how far a script came, for messages.
func describeSegments(done, total int) string {
	return fmt.Sprintf("%d of its %d commits", done, total)
}
