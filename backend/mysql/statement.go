package mysql

import (
	"errors"
	"fmt"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
)

// statement runs one statement of the script.
func (r *execution) statement(st *sqlscan.Statement) error { return r.after("", st) }

// after runs one statement of the script, and in the same message statements of
// ours before it.
func (r *execution) after(ours string, st *sqlscan.Statement) error {
	if err := r.stillOurs(); err != nil {
		return err
	}
	text := st.Text
	if ours != "" && int64(len(ours)+len(text)) < r.s.server.maxPacket {
		text = append([]byte(ours), text...)
	} else if ours != "" {
		if err := r.conn.do(r.ctx, ours); err != nil {
			return placed(r.file, st, err)
		}
	}
	if err := r.conn.run(r.ctx, text, r.s.server.maxPacket); err != nil {
		return placed(r.file, st, err)
	}
	return nil
}

// stillOurs fails where the lock was seen to be another's.
func (r *execution) stillOurs() error {
	if !r.s.lock.lost.Load() {
		return nil
	}
	c, err := r.s.marks(r.ctx)
	if err == nil {
		err = r.s.lock.held(r.ctx, c)
	}
	return err
}

// here runs a statement that changes the connection, or nothing.
func (r *execution) here(st *sqlscan.Statement, n nature) error {
	if err := r.statement(st); err != nil {
		return err
	}
	if n.use != "" {
		r.database = n.use
	}
	if n.class != sets || !mentions(st.Text, sqlModeNames...) {
		return nil
	}
	found, err := r.conn.strings(r.ctx, "SELECT @@sql_mode")
	if err != nil || len(found) != 1 {
		return placed(r.file, st, errors.Join(errors.New("sql_mode can't be read"), err))
	}
	if modeOf(found[0]) != r.modes.now {
		failure := placed(r.file, st, fmt.Errorf("sql_mode is now %q, which changes how strings and names are written, and that can't be told from the script's text", found[0]))
		failure.Hint = "set sql_mode to a plain string"
		return failure
	}
	return nil
}
