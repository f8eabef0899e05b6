package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
)

// inserter runs INSERT statements of one row of constants that begin alike as one
// prepared statement, to which the values are bound: to read such a statement
// takes the engine longer than to carry it out. What the database comes to hold,
// and what it says if a row fails, is the same.
//
// It speaks to the driver itself: database/sql takes as long as the engine for
// what is done here a million times.
type inserter struct {
	conn *connection
	head string
	real []bool // which parameters take a real number
	stmt driver.StmtQueryContext
	args []driver.NamedValue
	row  [1]driver.Value // what an INSERT returns under PRAGMA count_changes
}

// insert runs the statement that has the head and the values. It says false,
// and has done nothing, where the statement is to be run as it is written.
func (i *inserter) insert(ctx context.Context, head []byte, row []constant) (done bool, err error) {
	if i.conn.pinned == nil {
		return false, nil // the connection is out of reach beneath a transaction
	}
	if string(head) != i.head || len(row) != len(i.real) {
		i.reset()
		i.head, i.real, i.args = string(head), make([]bool, len(row)), make([]driver.NamedValue, len(row))
	}
	for k, c := range row {
		switch {
		case c.kind == constantReal && !i.real[k]:
			i.close()
			i.real[k] = true
		case i.real[k] && (c.kind == constantString || c.kind == constantQuoting):
			return false, nil
		}
		value, ok := c.value()
		if !ok {
			return false, nil
		}
		i.args[k] = driver.NamedValue{Ordinal: k + 1, Value: value}
	}
	err = i.conn.pinned.Raw(func(conn any) error {
		if i.stmt == nil && !i.prepare(ctx, conn) {
			return nil
		}
		done = true
		return i.run(ctx)
	})
	return done, describe(err)
}

// prepare prepares the statement. It says false where that fails: what is wrong
// with it the statement as it is written will tell.
func (i *inserter) prepare(ctx context.Context, conn any) bool {
	c, ok := conn.(driver.ConnPrepareContext)
	if !ok {
		return false
	}
	stmt, err := c.PrepareContext(ctx, i.text())
	if err != nil {
		return false
	}
	if i.stmt, ok = stmt.(driver.StmtQueryContext); !ok {
		_ = stmt.Close()
	}
	return ok
}

// run runs the statement as a query, for which the driver of the C engine goes
// into C once, and not once for each value.
func (i *inserter) run(ctx context.Context) error {
	rows, err := i.stmt.QueryContext(ctx, i.args)
	if err != nil {
		return err
	}
	for err == nil {
		err = rows.Next(i.row[:])
	}
	if err == io.EOF {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// text returns the statement with parameters. A real number comes as its text,
// which CAST reads in the very way in which the engine reads a number; what comes
// as something else in other rows stays what it is.
func (i *inserter) text() string {
	var b strings.Builder
	b.WriteString(i.head)
	for k, real := range i.real {
		if k > 0 {
			b.WriteByte(',')
		}
		if real {
			fmt.Fprintf(&b, "CASE typeof(?%[1]d) WHEN 'text' THEN CAST(?%[1]d AS REAL) ELSE ?%[1]d END", k+1)
		} else {
			fmt.Fprintf(&b, "?%d", k+1)
		}
	}
	b.WriteByte(')')
	return b.String()
}

// reset forgets what the statements had in common.
func (i *inserter) reset() {
	i.close()
	i.head, i.real = "", nil
}

// close gives the prepared statement back. What closing says of it is what its
// last run has said.
func (i *inserter) close() {
	if i.stmt == nil {
		return
	}
	stmt := i.stmt.(driver.Stmt)
	_ = i.conn.pinned.Raw(func(any) error { return stmt.Close() })
	i.stmt = nil
}
