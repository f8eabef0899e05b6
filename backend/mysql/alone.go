package mysql

import (
	"time"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// longIdle is how long the connection for marks may do nothing before it is
// looked at again.
const longIdle = time.Minute

// alone runs a statement that can't be committed together with its mark: it is
// marked as begun first, and as done afterwards.
func (r *execution) alone(st *sqlscan.Statement, n nature, m move) error {
	if err := r.closeBatch(); err != nil {
		return err
	}
	var found snapshot
	if n.class == defines && !m.weak { // nobody but the script itself sees a table that it has locked
		c, err := r.s.marks(r.ctx)
		if err == nil {
			found, err = c.look(r.ctx, n.definition, r.database)
		}
		if err != nil {
			return placed(r.file, st, err)
		}
	}
	if err := r.begin(st, m, found); err != nil {
		return r.at(st, err)
	}
	began := time.Now()
	if err := r.statement(st); err != nil {
		return r.failed(st, n, m, err)
	}
	if time.Since(began) > longIdle {
		r.s.again(r.ctx) // it may have been closed for doing nothing
	}
	r.s.tables.defined(st.Text, n)
	return r.at(st, r.finish(m))
}

// finish marks the segment that has just come to its end as done. The last one
// is left for the record, once it is clear that nothing follows.
func (r *execution) finish(m move) error {
	if m.segment == r.traits.Segments {
		r.pending = true
		return nil
	}
	return r.control(m.segment, r.chain, true, false)
}

// flush marks what was left for the record, where something follows after all.
func (r *execution) flush() error {
	if !r.pending {
		return nil
	}
	r.pending = false
	return r.control(r.reached, r.chainAt, true, false)
}

// failed says what is known of a statement that was marked as begun and failed.
// The server's answer means that it did nothing, but for what may have done a
// part of its work: such a mark stays.
func (r *execution) failed(st *sqlscan.Statement, n nature, m move, err error) error {
	switch {
	case broken(err):
		r.unknown = true
	case r.repeated:
		return r.ask(st, m, "it was run again, and failed: "+cause(err))
	case n.class == defines, n.class == repeats, unread(st.Text, n, err):
		if undone := r.unbegin(m.segment); undone != nil {
			r.unknown = true
		}
	default:
		r.unknown = true
	}
	return err
}

// unread says whether the server refused a statement before it began with it:
// as no SQL, or for a table or a column that is not there. From within a routine
// the same errors may come late.
func unread(text []byte, n nature, err error) bool {
	if n.class == data {
		return isNumber(err, 1064, errNoTable, 1054, 1136, 1142, 1143)
	}
	return isNumber(err, 1064) && !mentions(text, "CALL", "EXECUTE")
}
