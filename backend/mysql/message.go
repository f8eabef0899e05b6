package mysql

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// message is what short statements that change rows are sent in together: to
// wait for the server's answer to each takes longer than the server needs for
// it. The server runs them one after the other, and none behind one that fails.
type message struct {
	opens string // what opens the transaction first, unless it is open
	text  []byte
	parts []part
	room  int // statements that go into it
}

// part is one statement of a message.
type part struct {
	statement sqlscan.Statement // without its text
	at, end   int               // of its text, in the message's
	segment   int
	chain     migration.Checksum
}

// A message has that many statements at first, and at most, and is sent once it
// has that many bytes. It grows as long as the server answers soon enough.
const (
	messageFirst = 8
	messageMost  = 256
	messageBytes = 64 << 10
	messageSoon  = 50 * time.Millisecond
)

// asksStarted asks how many statements the server was given on a connection,
// this one included. Those of triggers and routines don't count.
const asksStarted = "SHOW SESSION STATUS LIKE 'Questions'"

// orStop fails with errStopped, and so keeps what follows it in a message from
// being run, where the statement before it met no row.
const orStop = "SELECT " + oneOrTwo

// orFail is orStop without an answer of its own, which sets a @variable of ours.
const orFail = "SET @_fastmigrate = " + oneOrTwo

// oneOrTwo is a value, or more than one where the statement before it met no row.
const oneOrTwo = "IF(ROW_COUNT() > 0, 0, (SELECT 1 UNION ALL SELECT 2))"

// joins says whether a statement may be sent together with others: one that is
// soon done, and does not ask what the one before it did, because a question of
// ours may stand between them.
func (r *execution) joins(text []byte) bool {
	if !r.conn.joins || len(text) > messageBytes/2 {
		return false
	}
	first := true
	for t := range sqlscan.Tokens(text, sqlscan.MySQL) {
		if first && !t.Is("INSERT", "REPLACE") || t.Is(notJoined...) {
			return false
		}
		first = false
	}
	return !first
}

var notJoined = []string{
	"SELECT", "TABLE", "WITH", "RETURNING", "SLEEP", "BENCHMARK", "GET_LOCK", "ROW_COUNT", "FOUND_ROWS", "WARNING_COUNT", "ERROR_COUNT",
	"@@WARNING_COUNT", "@@SESSION.WARNING_COUNT", "@@LOCAL.WARNING_COUNT", "@@ERROR_COUNT", "@@SESSION.ERROR_COUNT", "@@LOCAL.ERROR_COUNT",
}

// join puts a statement into the message, and sends it when it is full.
func (r *execution) join(st *sqlscan.Statement, m move) error {
	g := &r.message
	p := part{statement: *st, at: len(g.text), segment: m.segment, chain: r.chain}
	g.text = append(g.text, st.Text...)
	p.statement.Text, p.end = nil, len(g.text)
	if !bytes.HasSuffix(st.Text, []byte(";")) {
		g.text = append(g.text, "\n;"...) // behind a comment, too
	}
	g.text = append(g.text, '\n')
	g.parts = append(g.parts, p)
	if len(g.parts) >= max(g.room, messageFirst) || len(g.text) >= messageBytes {
		return r.send()
	}
	return nil
}

// send sends the message, if there is one, and notes how far its statements
// came.
func (r *execution) send() error {
	g := &r.message
	if len(g.parts) == 0 {
		return nil
	}
	parts, text := g.parts, g.text
	g.parts, g.text = parts[:0], text[:0]
	for i := range parts {
		parts[i].statement.Text = text[parts[i].at:parts[i].end]
	}
	began := time.Now()
	done, err := r.together(parts, text)
	if done > 0 {
		r.statements += done
		r.reached, r.chainAt = parts[done-1].segment, parts[done-1].chain
	}
	switch took := time.Since(began); {
	case took < messageSoon:
		g.room = min(2*max(g.room, messageFirst), messageMost)
	case took > 2*messageSoon:
		g.room = messageFirst
	}
	return err
}

// together runs the statements of a message, and says how many were done.
func (r *execution) together(parts []part, text []byte) (done int, err error) {
	first, opens := &parts[0].statement, r.message.opens
	r.message.opens = ""
	if len(parts) == 1 || int64(len(text)+len(opens)+len(asksStarted))+3 > r.s.server.maxPacket {
		for i := range parts {
			if err := r.after(opens, &parts[i].statement); err != nil {
				return i, err
			}
			opens = ""
		}
		return len(parts), nil
	}
	if err := r.stillOurs(); err != nil {
		return 0, err
	}
	if err := r.ctx.Err(); err != nil {
		return 0, placed(r.file, first, fmt.Errorf("interrupted: %w", err))
	}
	var before int64
	err = r.conn.described(r.conn.guarded(r.ctx, func(ctx context.Context) (err error) {
		before, err = r.conn.counted(ctx, opens+asksStarted+";\n"+string(text))
		return err
	}))
	if err == nil {
		return len(parts), nil
	}
	if !broken(err) && !isNumber(err, errInterrupted, 1969, 3024) && before > 0 {
		now, failure := r.conn.counted(context.WithoutCancel(r.ctx), asksStarted)
		if k := int(now - before - 1); failure == nil && 0 < k && k <= len(parts) {
			return r.alike(parts, k-1, err)
		}
	}
	// Whether the server was in the middle of a statement or between two of them
	// is not known: what is not marked is taken back.
	last := &parts[len(parts)-1].statement
	return 0, placed(r.file, first, fmt.Errorf("in this statement or one of those up to line %d: %w", last.Line, r.takeBack(err)))
}

// alike returns the error of a statement in a message as it is without the
// others: what the server quotes where it can't read it goes on into those.
func (r *execution) alike(parts []part, done int, err error) (int, error) {
	st := &parts[done].statement
	if !isNumber(err, errNoSyntax) {
		return done, placed(r.file, st, err)
	}
	if alone := r.statement(st); alone != nil {
		return done, alone
	}
	return 0, placed(r.file, st, r.takeBack(err)) // it is read in another way by itself
}

// takeBack ends the transaction without its effects.
func (r *execution) takeBack(err error) error {
	r.batch, r.reached, r.chainAt = batch{}, r.done, r.doneChain
	if broken(err) {
		return err // the server does it
	}
	return errors.Join(err, r.conn.rollback())
}

// counted runs a message that begins with asksStarted, and returns the answer
// to that.
func (c *connection) counted(ctx context.Context, text string) (n int64, err error) {
	rows, err := c.QueryContext(ctx, text)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var value sql.NullString
		if err := rows.Scan(&name, &value); err != nil {
			return 0, err
		}
		if n, err = strconv.ParseInt(value.String, 10, 64); err != nil {
			return 0, err
		}
	}
	for rows.NextResultSet() {
	}
	return n, rows.Err()
}
