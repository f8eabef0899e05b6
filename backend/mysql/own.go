package mysql

import (
	"context"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// inOwn runs a statement inside the script's own transaction. Before the first
// one whose effect a rollback might not take back, the transaction is marked as
// begun.
func (r *execution) inOwn(st *sqlscan.Statement, n nature, m move) error {
	if !r.own { // autocommit is off: the server opens it with this statement
		if err := r.closeBatch(); err != nil {
			return err
		}
		r.own, r.unsure, r.readOnly = true, false, false
	}
	if n.class == sets || n.class == setsAlone {
		return r.here(st, n)
	}
	if !r.unsure && (n.class == data || n.class == opaque) {
		bare, err := r.bare(st, m)
		if err != nil {
			return err
		}
		if bare || n.class == opaque {
			if err := r.begin(st, m, nil); err != nil {
				return err
			}
			r.unsure = true
		}
	}
	return r.statement(st)
}

// commitOwn commits the script's own transaction with the progress in it. Where
// the mark can't be in it, it follows.
func (r *execution) commitOwn(st *sqlscan.Statement, segment int, chain migration.Checksum, statement string, weak bool) error {
	if !r.unsure && !weak && !r.readOnly {
		if err := r.commit(statement, segment, chain, false); err != nil {
			return r.at(st, err)
		}
	} else {
		if err := r.conn.do(context.WithoutCancel(r.ctx), statement); err != nil {
			return placed(r.file, st, err)
		}
		if err := r.control(segment, chain, r.unsure, false); err != nil {
			return r.at(st, err)
		}
	}
	r.own, r.unsure = r.seg.inside, false // COMMIT AND CHAIN opens the next
	r.reached, r.chainAt = segment, chain
	return nil
}

// rollBackOwn ends the script's own transaction without effect.
func (r *execution) rollBackOwn(st *sqlscan.Statement, m move) error {
	if err := r.statement(st); err != nil {
		return err
	}
	unsure := r.unsure
	r.own, r.unsure = r.seg.inside, false
	if !unsure {
		return nil
	}
	return r.at(st, r.control(m.segment, r.chain, true, false))
}

// at says that an error of ours came up at a statement, unless it has a line.
func (r *execution) at(st *sqlscan.Statement, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*migration.Error); ok {
		if e.Origin.Line == 0 {
			e.Origin = migration.Origin{File: r.file, Line: st.Line, Column: st.Column}
		}
		return e
	}
	return placed(r.file, st, err)
}
