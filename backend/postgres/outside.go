package postgres

import (
	"fmt"
	"slices"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// outside runs a statement with no transaction open. That it is begun is
// recorded first: if this run is killed meanwhile, the next knows that the
// statement may have taken effect.
func (r *segmented) outside(st *sqlscan.Statement, n nature) error {
	// What is read on moves the statement's text.
	at := *st
	at.Text = slices.Clone(st.Text)
	sum := r.reader.Checksum()
	unsure := r.unsure
	if unsure && !n.repeatable && !n.index && !tellsTwice(at.Text) {
		return r.ask(&at)
	}
	built := false
	if n.index {
		var err error
		if built, err = r.index(&at, unsure); err != nil {
			return err
		}
	}
	if !built {
		if err := r.mark(&at); err != nil {
			return err
		}
		if err := r.bare(&at, n, unsure); err != nil {
			return err
		}
	}
	r.begin()
	if !r.recorded {
		r.guard()
	}
	return r.close(sum, "COMMIT")
}

// mark records that a statement outside of a transaction is begun.
func (r *segmented) mark(st *sqlscan.Statement) error {
	if r.recorded {
		return nil
	}
	e := r.entry
	e.Status, e.SegmentsDone, e.PrefixChecksum = migration.Begun, r.done, r.prefix
	e.Error = fmt.Sprintf("%sline %d: %s", begunWord, st.Line, migration.FirstLine(string(st.Text)))
	if err := r.session.write(r.ctx, r.work.Step.From, func(b *batch) {
		r.write(b, e)
	}); err != nil {
		return place(r.file, "apply", err)
	}
	r.session.hasHistory = true
	if r.entry.ID == 0 {
		r.entry.ID = number([]byte(r.id))
	}
	return nil
}

// bare sends the statement by itself. Where an earlier run was killed during
// it, an error that says that its effect is there already means that it is.
func (r *segmented) bare(st *sqlscan.Statement, n nature, unsure bool) error {
	r.count++
	r.bytes = st.End
	r.batch.script(st)
	err := r.flush()
	if err == nil {
		return nil
	}
	r.adrift = r.session.conn.IsClosed()
	if unsure && thereAlready(st.Text, err) {
		r.note(st, "was begun by a run that was killed, and had taken effect")
		return nil
	}
	if n.index {
		err = r.leftBehind(st, err)
	}
	return err
}

// tellsTwice says whether a statement that took effect fails when it is run
// again, with an error that says so.
func tellsTwice(text []byte) bool { return leading(text).is(0, "CREATE", "DROP") }

// thereAlready says whether an error of such a statement says that what it makes
// is there, or that what it drops is gone: a database, another object, a table.
func thereAlready(text []byte, err error) bool {
	codes := []string{"42P04", "42710", "42P07"}
	if leading(text).is(0, "DROP") {
		codes = []string{"3D000", "42704", "42P01"}
	}
	return slices.Contains(codes, codeOf(err))
}

// ask stops where a statement was begun that may or may not have taken effect,
// and nothing can tell.
func (r *segmented) ask(st *sqlscan.Statement) error {
	return &migration.Error{
		Op: "apply", Origin: migration.Origin{File: r.file, Line: st.Line, Column: st.Column}, Statement: migration.FirstLine(string(st.Text)),
		Err:  fmt.Errorf("%w: an earlier run was killed during this statement, and nothing tells whether it took effect", migration.ErrUnfinished),
		Hint: fmt.Sprintf("look; then fastmigrate up --resume-from %d runs it again, and --resume-from %d goes on behind it", r.done, r.done+1),
	}
}

// note adds a finding about a statement.
func (r *segmented) note(st *sqlscan.Statement, what string) {
	version, _ := r.work.Step.To.Version() // of a revision there is none to tell
	r.result.Findings = append(r.result.Findings, migration.Finding{
		Code: migration.CodeBegun, File: r.file,
		Message: fmt.Sprintf("line %d: %s %s", st.Line, migration.FirstLine(string(st.Text)), what),
		Hint:    "see that it is as it should be",
	}.About(version))
}
