package mysql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// mark is a row of the progress table: a statement that could not be committed
// together with its mark.
type mark struct {
	segment  int
	done     bool
	checksum migration.Checksum // of the statement
	line     int
	found    string // what was there before, for a definition
}

// marksOf reads the marks of an entry.
func (c *connection) marksOf(ctx context.Context, entry int64) (map[int]mark, error) {
	rows, err := c.QueryContext(ctx, "SELECT statement, state = 'done', checksum, line, found FROM "+c.backend.names.progress+filled(" WHERE entry = ?", entry))
	if isNumber(err, errNoTable) {
		return nil, nil
	}
	if err != nil {
		return nil, c.described(err)
	}
	defer rows.Close()
	marks := make(map[int]mark)
	for rows.Next() {
		var m mark
		if err := rows.Scan(&m.segment, &m.done, &m.checksum, &m.line, &m.found); err != nil {
			return nil, c.described(err)
		}
		marks[m.segment] = m
	}
	return marks, c.described(rows.Err())
}

// begin notes, before a statement is run that commits by itself, that it is
// begun and what was there before.
func (r *execution) begin(st *sqlscan.Statement, m move, found snapshot) error {
	c, err := r.s.marks(r.ctx)
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(r.ctx)
	note := func(entry string) string {
		return "REPLACE INTO " + r.s.backend.names.progress + " (entry, statement, state, checksum, line, found) SELECT " + entry +
			filled(", ?, 'begun', ?, ?, ?", m.segment, string(r.statementSum), st.Line, found.text()) + r.s.fence(r.entry.From)
	}
	if r.entry.ID == 0 {
		err = r.enterWith(ctx, c, note("LAST_INSERT_ID()"))
	} else {
		var met int64
		met, err = c.exec(ctx, note(strconv.FormatInt(r.entry.ID, 10)))
		if err == nil && met == 0 {
			err = r.s.moved(ctx, c, r.entry.From)
		}
	}
	if err != nil {
		r.unknown = broken(err)
		return place(r.file, "mark", err)
	}
	r.marked = true
	return nil
}

// enterWith writes the entry into the history, and the mark of its first
// statement, in one message and one transaction: one is not there without the
// other.
func (r *execution) enterWith(ctx context.Context, c *connection, mark string) error {
	found, err := c.strings(ctx, strings.Join([]string{
		"START TRANSACTION", r.s.backend.insertEntry(r.entry) + r.s.fence(r.entry.From), orFail, mark, orFail, "COMMIT", "SELECT LAST_INSERT_ID()",
	}, ";\n"))
	if err == nil && len(found) == 1 {
		r.entry.ID, err = strconv.ParseInt(found[0], 10, 64)
		return err
	}
	if err == nil {
		err = errors.New("the server does not tell the entry's number")
	}
	if broken(err) {
		return err
	}
	stopped := isNumber(err, errStopped)
	if err = errors.Join(err, c.rollback()); stopped {
		err = r.s.moved(ctx, c, r.entry.From)
	}
	return err
}

// unbegin takes the mark back of a statement that failed and did nothing.
func (r *execution) unbegin(segment int) error {
	c, err := r.s.marks(r.ctx)
	if err != nil {
		return err
	}
	return c.do(context.WithoutCancel(r.ctx), "DELETE FROM "+r.s.backend.names.progress+filled(" WHERE entry = ? AND statement = ?", r.entry.ID, segment))
}

// write writes, on a connection, what is durable from then on, and with the
// last segment that the step is applied. It is one statement, which meets no
// row unless the lock is ours, the version is where it should be and the
// history's entry as we left it. Outside of a transaction it is durable at once,
// but for the record of a book that takes a row more.
func (r *execution) write(c *connection, segment int, chain migration.Checksum, begun, last bool) error {
	ctx, book := context.WithoutCancel(r.ctx), r.s.backend.book
	met, err := c.exec(ctx, r.update(segment, chain, begun, last))
	if err == nil && met == 0 {
		err = r.s.moved(ctx, c, r.entry.From)
	}
	if err == nil && last && book.sets(r.entry.To) == "" {
		err = book.record(ctx, r.s, c, r.work.Step)
	}
	if err != nil {
		return place(r.file, "record", err)
	}
	return nil
}

// update returns the statement of write.
func (r *execution) update(segment int, chain migration.Checksum, begun, last bool) string {
	n, book := r.s.backend.names, r.s.backend.book
	table, stands := book.stands(n, r.entry.From)
	tables := "UPDATE " + n.history + " AS h, " + table + ", " + n.lock + " AS l"
	set := " SET" + r.s.alive() + filled(", h.segments_done = ?, h.prefix_checksum = ?", segment, string(chain))
	where := filled(" WHERE h.id = ? AND h.state = 'begun' AND h.segments_done <= ? AND ", r.entry.ID, segment) + stands + r.s.ours()
	if begun && !last {
		tables += ", " + n.progress + " AS p"
		set += ", p.state = 'done'"
		where += filled(" AND p.entry = ? AND p.statement = ? AND p.state = 'begun'", r.entry.ID, segment)
	}
	if last {
		end := now()
		set += filled(", h.state = 'applied', h.checksum = ?, h.finished_at = ?, h.duration_ms = ?, h.error = ?",
			string(r.entry.Checksum), end.Format(timeFormat), time.Since(r.began).Milliseconds(), "") + book.sets(r.entry.To)
	}
	return tables + set + where
}

// timeFormat is how the history keeps times.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// control marks a segment as durable, or the step as applied, over the
// connection that no script touches. Where the connection breaks while the step
// is recorded it is looked up what became of that.
func (r *execution) control(segment int, chain migration.Checksum, begun, last bool) error {
	c, err := r.s.marks(r.ctx)
	if err != nil {
		return err
	}
	write := func(context.Context) error { return r.write(c, segment, chain, begun, last) }
	if last && r.s.backend.book.sets(r.entry.To) == "" {
		err = c.transaction(r.ctx, write)
	} else {
		err = write(r.ctx)
	}
	switch {
	case err != nil && broken(err) && last:
		err = r.settle(segment, last, err)
	case err != nil:
		r.unknown = begun || broken(err) // the next run finds out
	}
	if err != nil {
		return err
	}
	r.durable(segment, chain, last)
	return nil
}

// durable notes how far the script has come for good.
func (r *execution) durable(segment int, chain migration.Checksum, last bool) {
	r.done, r.doneChain = segment, chain
	r.entry.SegmentsDone, r.entry.PrefixChecksum = segment, chain
	if r.recorded = r.recorded || last; r.recorded && r.marked {
		r.s.litter = max(r.s.litter, r.entry.ID)
	}
}

// settle finds out whether a record is there that was on its way when its
// connection broke. The failure is returned if it is not, or can't be found out.
func (r *execution) settle(segment int, last bool, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), aLittle)
	defer cancel()
	r.s.again(ctx)
	r.s.drop()
	r.conn = nil
	c, err := r.s.ready(ctx, r.agreed()) // once it is there, the server is done with the old one
	if err != nil {
		r.unknown = true
		return failure
	}
	e, ok, err := c.last(ctx)
	if err == nil && ok && e.ID == r.entry.ID && e.SegmentsDone >= segment && (!last || e.Status == migration.Applied) {
		return nil
	}
	r.unknown = err != nil
	return fmt.Errorf("%w; it was not recorded", failure)
}
