package mysql

import (
	"context"
	"errors"
	"time"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// batch is a transaction of ours, in which consecutive statements that change
// rows are committed together with their mark. To commit each by itself would
// take much longer; whatever ends a batch, its mark says how far it came.
type batch struct {
	open  bool
	since time.Time
	count int
	bytes int64
}

// A batch ends after that many statements, bytes, or that long.
const (
	batchStatements = 1000
	batchBytes      = 4 << 20
	batchTime       = time.Second
)

// savepoint stands at the beginning of a batch. It is the name by which a transaction is known to stand still: a
// deadlock ends the whole transaction, most errors only their statement.
const savepoint = "_fastmigrate_batch"

// data runs a statement that changes rows, in our transaction if the tables
// take part in one.
func (r *execution) data(st *sqlscan.Statement, m move) error {
	bare, err := r.bare(st, m)
	if err != nil {
		return err
	}
	if bare {
		return r.alone(st, nature{class: data}, m)
	}
	if err := r.fits(st); err != nil {
		return err
	}
	b := &r.batch
	joins := r.joins(st.Text)
	if !b.open {
		if err := r.openBatch(joins); err != nil {
			return placed(r.file, st, err)
		}
	}
	b.count++
	b.bytes += int64(len(st.Text))
	if joins {
		r.joined = true
		return r.join(st, m)
	}
	if err := r.send(); err != nil {
		return err
	}
	return r.statement(st)
}

// bare says whether what a statement does to rows may be outside of any
// transaction.
func (r *execution) bare(st *sqlscan.Statement, m move) (bool, error) {
	if m.weak {
		return true, nil
	}
	c, err := r.s.marks(r.ctx)
	if err != nil {
		return false, err
	}
	if err := r.s.tables.learn(r.ctx, c); err != nil {
		return false, place(r.file, "apply", err)
	}
	return r.s.tables.touches(st.Text, r.database), nil
}

// openBatch opens a transaction. Nothing of ours is said on the connection
// between its statements, some of which ask what the one before them did. With
// joins, that is said in the message of the statement that follows.
func (r *execution) openBatch(joins bool) error {
	if joins {
		r.batch, r.message.opens = batch{open: true, since: time.Now()}, "START TRANSACTION;\n"
		if !r.wrapped {
			r.message.opens += "SAVEPOINT " + savepoint + ";\n"
		}
		return nil
	}
	if err := r.conn.open(r.ctx); err != nil {
		return err
	}
	r.batch = batch{open: true, since: time.Now()}
	if err := r.s.renewed(r.ctx, r.conn); err != nil {
		return err
	}
	if r.wrapped {
		return nil
	}
	return r.conn.do(r.ctx, "SAVEPOINT "+savepoint)
}

// fits ends the batch before a statement if it is large or old enough.
func (r *execution) fits(st *sqlscan.Statement) error {
	b := &r.batch
	if r.wrapped || !b.open || b.count < batchStatements && b.bytes < batchBytes && time.Since(b.since) < batchTime ||
		mentions(st.Text, "ROW_COUNT", "FOUND_ROWS") {
		return nil
	}
	return r.closeBatch()
}

// closeBatch commits the batch, if one is open, with its mark.
func (r *execution) closeBatch() error {
	if err := r.send(); err != nil {
		return err
	}
	if r.wrapped {
		if err := r.unwrap(); err != nil {
			return err
		}
	}
	if !r.batch.open {
		return nil
	}
	return r.commitBatch(false)
}

// unwrap gives up running the script whole in one transaction: it meets a table
// that takes part in none.
func (r *execution) unwrap() error {
	if r.conn.pinned == nil {
		return r.s.backend.notLent("a table without transactions, such as one of MyISAM, changes at once, and not in yours")
	}
	r.wrapped = false
	return r.enter()
}

// commitBatch commits the batch with its mark, or with the record.
func (r *execution) commitBatch(last bool) error {
	return r.commit("COMMIT", r.reached, r.chainAt, last)
}

// commit makes what is open on the script's connection durable, together with
// its mark or the record.
func (r *execution) commit(statement string, segment int, chain migration.Checksum, last bool) error {
	ctx := context.WithoutCancel(r.ctx)
	if r.conn.joins && statement == "COMMIT" && !(last && r.s.backend.book.sets(r.entry.To) == "") {
		statement = r.update(segment, chain, false, last) + ";\n" + orStop + ";\n" + statement
	} else if err := r.write(r.conn, segment, chain, false, last); err != nil {
		return err
	}
	err := r.conn.do(ctx, statement)
	if isNumber(err, errStopped) {
		return place(r.file, "record", r.s.moved(ctx, r.conn, r.entry.From))
	}
	r.batch, r.own = batch{}, false
	if err != nil {
		if !broken(err) {
			return place(r.file, "commit", errors.Join(err, r.conn.rollback()))
		}
		if err := r.settle(segment, last, err); err != nil {
			return place(r.file, "commit", err)
		}
		if !last {
			return place(r.file, "commit", err) // what the script set on the connection is gone
		}
	}
	r.durable(segment, chain, last)
	return nil
}

// recordWhole commits a script that ran whole in one transaction.
func (r *execution) recordWhole() error {
	ctx := context.WithoutCancel(r.ctx)
	if !r.batch.open {
		if err := r.conn.open(ctx); err != nil {
			return err
		}
		r.batch.open = true
	}
	e := r.entry
	e.Status, e.SegmentsDone, e.PrefixChecksum = migration.Applied, r.seg.segments, r.chain
	e.FinishedAt, e.Duration = now(), time.Since(r.began)
	id, err := r.s.insert(ctx, r.conn, e)
	if err == nil {
		err = r.s.backend.book.record(ctx, r.s, r.conn, r.work.Step)
	}
	if err != nil {
		return place(r.file, "record", err)
	}
	r.entry.ID = id
	r.batch = batch{}
	if err := r.conn.commit(ctx); err != nil {
		if !broken(err) {
			return place(r.file, "commit", errors.Join(err, r.conn.rollback()))
		}
		if err := r.settle(e.SegmentsDone, true, err); err != nil {
			r.entry.ID = 0
			return place(r.file, "commit", err)
		}
	}
	r.durable(e.SegmentsDone, e.PrefixChecksum, true)
	return nil
}
