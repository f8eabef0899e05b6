package mysql

import (
	"fmt"

	"github.com/fastmigrate/fastmigrate/internal/sqlscan"
	"github.com/fastmigrate/fastmigrate/migration"
)

// earlier is what an earlier run left of the script.
type earlier struct {
	begun     map[int]mark    // statements that are not known to have ended
	locked    []byte          // the LOCK TABLES that holds where the script is gone on with
	variables map[string]bool // @variables whose values are lost
	resumed   bool
	ran       bool // this run has run a statement of the script
}

// takeUp finds the entry of an earlier run that did not finish the script, and
// checks that the part of the text which that run has applied is still the same.
func (r *execution) takeUp(script *migration.SQL) error {
	if r.s.looked && r.work.Resume == 0 {
		return nil // we have the lock, and know what this session left
	}
	r.s.looked = true
	c, err := r.s.marks(r.ctx)
	if err != nil {
		return err
	}
	e, ok, err := c.last(r.ctx)
	if err != nil {
		return err
	}
	ok = ok && !e.Ended() && e.Kind == r.entry.Kind && e.From == r.entry.From && e.To == r.entry.To
	if !ok || e.SegmentsDone == 0 && e.Status == migration.Failed && !r.work.Trusted {
		e = migration.Entry{}
	}
	if !r.work.Trusted && e.SegmentsDone != r.work.Resume {
		return &migration.Error{
			Op: "apply", Origin: migration.Origin{File: r.work.Step.File()},
			Err:  fmt.Errorf("%w: %d of its statements are applied, and not %d", migration.ErrStalePlan, e.SegmentsDone, r.work.Resume),
			Hint: "run again",
		}
	}
	if e.ID == 0 && r.work.Resume == 0 {
		return nil
	}
	if e.ID != 0 {
		r.entry.ID, r.entry.StartedAt = e.ID, e.StartedAt
	}
	marks, err := c.marksOf(r.ctx, e.ID)
	if err != nil {
		return err
	}
	r.marked = len(marks) > 0
	r.earlier.resumed = r.work.Resume > 0
	if !r.work.Trusted && !r.work.Retry {
		r.earlier.begun = make(map[int]mark)
		for segment, m := range marks {
			if !m.done && segment > r.work.Resume {
				r.earlier.begun[segment] = m
			}
		}
	}
	r.done, r.doneChain = r.work.Resume, e.PrefixChecksum
	r.reached, r.chainAt = r.done, r.doneChain
	r.entry.SegmentsDone, r.entry.PrefixChecksum = r.done, r.doneChain
	return r.compare(script, e, marks)
}

// compare reads the part of the script that is applied: is it still the same,
// and can the connection be set up as it left it?
func (r *execution) compare(script *migration.SQL, e migration.Entry, marks map[int]mark) error {
	p, err := open(script, r.s.server.mode)
	if err != nil {
		return err
	}
	defer p.Close()
	temporary := 0
	for done := 0; done < r.work.Resume; {
		st, n, m, ok, err := p.next()
		if err != nil {
			return err
		}
		if !ok {
			return r.changed(0, fmt.Sprintf("its first %d statements are applied, and it does not have that many any more", r.work.Resume))
		}
		if m.segment > r.work.Resume {
			break // what it ends was the last of them
		}
		if n.temporary {
			temporary = st.Line
		}
		r.note(st.Text, n, m)
		if m.closes {
			done = m.segment
		}
		if was, ok := marks[m.segment]; ok && was.done && m.closes && m.run != runCommit && m.run != runRollback && was.checksum != p.statementSum && !r.work.Trusted {
			return r.changed(st.Line, fmt.Sprintf("statement %d is applied, and its text is not the same any more", m.segment))
		}
		if done == r.work.Resume {
			r.doneChain, r.entry.PrefixChecksum = p.chain, p.chain
		}
		if done == r.work.Resume && p.chain != e.PrefixChecksum && !r.work.Trusted {
			return r.changed(0, fmt.Sprintf("its first %d statements are applied, and their text is not the same any more", r.work.Resume))
		}
	}
	if temporary > 0 && !r.work.Trusted {
		return r.choice(temporary, fmt.Sprintf("%d of its statements are applied, and the temporary tables that they made are gone", r.work.Resume),
			migration.ErrUnfinished, r.work.Resume+1)
	}
	return nil
}

// note remembers what a statement that is passed over left on its connection.
func (r *execution) note(text []byte, n nature, m move) {
	switch {
	case n.class == locks:
		r.earlier.locked = append([]byte(nil), text...)
	case n.class == unlocks, m.run == runBegin:
		r.earlier.locked = nil
	}
	if r.earlier.variables == nil {
		r.earlier.variables = make(map[string]bool)
	}
	lose(r.earlier.variables, text, n)
}

// replay passes a statement over that is applied already, unless it sets the
// connection up for what follows.
func (r *execution) replay(st *sqlscan.Statement, n nature, m move) error {
	if m.closes {
		r.reached, r.chainAt = m.segment, r.chain
	}
	again := (n.class == sets || n.class == setsAlone) && !n.temporary && !n.global
	if !again || lost(r.earlier.variables, st.Text) {
		return nil
	}
	err := r.here(st, n)
	if _, answered := numberOf(err); answered && !broken(err) && is(leading(st.Text), 0, "PREPARE", "DEALLOCATE") {
		return nil // what it is about may be gone by now; if it is needed yet, EXECUTE says so
	}
	return err
}
