package postgres

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fastmigrate/fastmigrate/internal/fault"
	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// maxBatch is the size in bytes up to which statements are sent together. It
// bounds the memory that a script takes, but for its largest statement.
const maxBatch = 256 << 10

// batch is what is sent to the server in one message: statements of a script,
// and around them statements of ours.
type batch struct {
	text   strings.Builder
	items  []item
	member int // which of several scripts the next statements belong to
}

// item is one statement of a batch.
type item struct {
	start, end   int // in the text, in bytes
	line, column int // in the script; 0 for a statement of ours
	member       int // which of several scripts it belongs to
	returns      *string
}

// ours adds a statement of ours.
func (b *batch) ours(statement string) { b.asking(statement, nil) }

// asking adds a statement of ours the first column of which is wanted.
func (b *batch) asking(statement string, returns *string) {
	b.add(statement, item{returns: returns})
}

// script adds a statement of a script, exactly as it is written there.
func (b *batch) script(st *sqlscan.Statement) {
	b.add(string(st.Text), item{line: st.Line, column: st.Column})
}

// add adds a statement and what ends it. The line feed keeps a comment at its
// end from taking the next one in.
func (b *batch) add(statement string, i item) {
	i.start, i.member = b.text.Len(), b.member
	b.text.WriteString(statement)
	i.end = b.text.Len()
	if !strings.HasSuffix(statement, ";") {
		b.text.WriteString("\n;")
	}
	b.text.WriteByte('\n')
	b.items = append(b.items, i)
}

func (b *batch) size() int { return b.text.Len() }

func (b *batch) reset() {
	b.text.Reset()
	b.items = b.items[:0]
	b.member = 0
}

// failure is an error of one statement of a batch.
type failure struct {
	item   item
	text   string // of the statement
	offset int    // in it, of the place that the server named, in bytes; -1 without
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// ours says that the statement is not the script's.
func (f *failure) ours() bool { return f.item.line == 0 }

// at gives the error its place in a script, and says what to do.
func (f *failure) at(file string, hint string) error {
	e := &migration.Error{Op: "apply", Origin: migration.Origin{File: file}, Hint: hint, Err: f.err}
	if f.ours() {
		return e
	}
	st := sqlscan.Statement{Text: []byte(f.text), Line: f.item.line, Column: f.item.column}
	e.Origin.Line, e.Origin.Column = st.Line, st.Column
	if f.offset >= 0 {
		e.Origin.Line, e.Origin.Column = st.Position(f.offset)
	}
	e.Statement = fault.Excerpt(f.text, e.Origin.Line-st.Line)
	return e
}

// send sends a batch and empties it. The error, a [*failure], tells which
// statement it was: the one that the server names a place in, or else the one
// after those that it completed.
func (c *connection) send(ctx context.Context, b *batch) error {
	_, err := c.sent(ctx, b)
	return err
}

// sent is send, and also returns how many statements the server completed.
func (c *connection) sent(ctx context.Context, b *batch) (done int, err error) {
	if len(b.items) == 0 {
		return 0, nil
	}
	defer b.reset()
	text := b.text.String()
	watched, ended := c.watched(ctx)
	results := c.Exec(watched, text)
	for results.NextResult() {
		r := results.ResultReader()
		for r.NextRow() {
			if done < len(b.items) && b.items[done].returns != nil {
				*b.items[done].returns = string(r.Values()[0])
			}
		}
		if _, err := r.Close(); err == nil {
			done++
		}
	}
	err = results.Close()
	ended()
	c.follow(b, done)
	if err == nil {
		return done, nil
	}
	f := &failure{offset: -1, err: c.explain(ctx, err)}
	at := min(done, len(b.items)-1)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Position > 0 {
		offset := runeOffset(text, int(pg.Position)-1)
		for i, it := range b.items {
			if offset >= it.start && offset <= it.end {
				at, f.offset = i, offset-it.start
				break
			}
		}
	}
	f.item = b.items[at]
	f.text = text[f.item.start:f.item.end]
	return done, f
}

// runeOffset returns the offset in bytes of the n-th character of a text.
func runeOffset(text string, n int) int {
	at := 0
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}
