package mysql

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// settled finds out, before a statement is run, what is to be known of an
// earlier run at it. It says true where the statement took effect then.
func (r *execution) settled(st *sqlscan.Statement, n nature, m move) (bool, error) {
	if r.earlier.resumed {
		if err := r.depends(st, n, m); err != nil {
			return false, err
		}
	}
	r.repeated = false
	was, ok := r.earlier.begun[m.segment]
	if !ok {
		return false, nil
	}
	delete(r.earlier.begun, m.segment)
	if m.closes && was.checksum != r.statementSum && m.run != runCommit {
		return false, r.ask(st, m, "its text is not the same any more")
	}
	switch m.run {
	case runDefines:
		return r.judged(st, n, m, snapshotOf(was.found))
	case runRepeats:
		r.repeated = true
		return false, nil
	}
	return false, r.ask(st, m, "it changes rows, or may do so")
}

// judged judges a definition by what was there before and what is there now.
func (r *execution) judged(st *sqlscan.Statement, n nature, m move, before snapshot) (bool, error) {
	c, err := r.s.marks(r.ctx)
	if err != nil {
		return false, err
	}
	d := n.definition
	var after snapshot
	if !m.weak && before != nil {
		if after, err = c.look(r.ctx, d, r.database); err != nil {
			return false, placed(r.file, st, err)
		}
	}
	v, why := d.judge(before, after)
	if d.verb == truncates && v == unknown && len(d.objects) == 1 {
		if has, err := c.hasRows(r.ctx, d.objects[0], r.database); err == nil && !has {
			v = again
		}
	}
	switch v {
	case again:
		return false, nil
	case unknown:
		return false, r.ask(st, m, why)
	}
	if err := r.closeBatch(); err != nil {
		return false, err
	}
	r.s.tables.known = false
	r.statements++
	r.reached, r.chainAt = m.segment, r.chain
	r.result.Findings = append(r.result.Findings, migration.Finding{
		Code: migration.CodeBegun, File: r.file,
		Message: fmt.Sprintf("statement %d (line %d) was begun by an earlier run that did not end; it took effect then and was not run again: %s", m.segment, st.Line, why),
	})
	return true, r.at(st, r.finish(m))
}

// insertIDs are the ways to ask for the number that an INSERT was given.
var insertIDs = []string{
	"LAST_INSERT_ID", "@@LAST_INSERT_ID", "@@SESSION.LAST_INSERT_ID", "@@LOCAL.LAST_INSERT_ID",
	"@@IDENTITY", "@@SESSION.IDENTITY", "@@LOCAL.IDENTITY",
}

// depends fails where a statement asks for something that an earlier one left
// on a connection that is gone.
func (r *execution) depends(st *sqlscan.Statement, n nature, m move) error {
	if r.earlier.locked != nil && n.class != unlocks && n.class != locks {
		if err := r.conn.run(r.ctx, r.earlier.locked, r.s.server.maxPacket); err != nil {
			return placed(r.file, st, err)
		}
	}
	r.earlier.locked = nil
	if mentions(st.Text, insertIDs...) {
		if err := r.send(); err != nil {
			return err
		}
	}
	switch {
	case r.work.Trusted:
	case lost(r.earlier.variables, st.Text) && assignsOnly(st.Text) == "":
		return r.gone(st, m, "it asks for a @variable whose value was computed by a statement that is applied already")
	case !r.earlier.ran && mentions(st.Text, "ROW_COUNT", "FOUND_ROWS"), r.noInsert(st.Text):
		return r.gone(st, m, "it asks what a statement before it did, which is applied already")
	}
	r.earlier.ran = true
	lose(r.earlier.variables, st.Text, n)
	return nil
}

// gone says that a statement can't be run as it would have been in one go.
func (r *execution) gone(st *sqlscan.Statement, m move, why string) error {
	e := placed(r.file, st, fmt.Errorf("%w: statement %d can't be run by a later run: %s", migration.ErrUnfinished, m.segment, why))
	e.Hint = "write the value into the script; or " + r.choice(0, "", migration.ErrUnfinished, m.segment).Hint
	return e
}

// noInsert says whether a statement asks for the number that an INSERT was
// given, and none was given one on this connection.
func (r *execution) noInsert(text []byte) bool {
	if !mentions(text, insertIDs...) {
		return false
	}
	found, err := r.conn.strings(r.ctx, "SELECT LAST_INSERT_ID()")
	return err != nil || len(found) != 1 || found[0] == "0"
}
