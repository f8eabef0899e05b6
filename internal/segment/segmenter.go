// Package segment reads a script statement by statement and says in which
// transaction each belongs, for the databases that can hold a whole script in
// one: SQLite and PostgreSQL. What a statement is, the backend says.
//
// A segment is the part of a script between two commits. Segments are counted in
// the records of scripts that are half applied: those of an unchanged script must
// not change.
package segment

import (
	"errors"
	"fmt"
	"slices"
)

// Class is what a statement does to transactions.
type Class uint8

// The classes.
const (
	Plain      Class = iota // runs in whatever transaction there is
	Begins                  // BEGIN
	Commits                 // COMMIT
	RollsBack               // ROLLBACK, without TO
	SavesPoint              // SAVEPOINT
	Releases                // RELEASE
	Returns                 // ROLLBACK TO
	Outside                 // the database takes it, or heeds it, only outside of a transaction
	Refused                 // must not stand in a script
)

// Statement is what has to be known of a statement.
type Statement struct {
	Class Class
	// Effect says that it may change the database.
	Effect bool
	// Savepoint is the name that SAVEPOINT, RELEASE or ROLLBACK TO gives, as it
	// is compared.
	Savepoint string
	// Why says why it is refused.
	Why string
}

// Segmenter follows the statements of a script. Inspection and execution both
// follow it, so that they agree on what a segment is.
//
// A transaction that the script opens is the script's own. What stands outside
// of those is gathered into transactions of ours, up to the next statement that
// must stand outside of any transaction.
type Segmenter struct {
	// Each says that every plain statement is a segment of its own, for a
	// script that says no-transaction.
	Each bool

	where      where
	line       int // of the BEGIN or of the outermost SAVEPOINT
	savepoints []string
}

// where says which transaction is open.
type where uint8

const (
	nowhere where = iota
	ours
	own
)

// Move is what to do about one statement.
type Move struct {
	CloseBefore bool // commit our transaction first
	OpenBefore  bool // then open one of ours
	CloseAfter  bool // commit our transaction after the statement
	Run         Run
}

// Run is how a statement is run.
type Run uint8

// The ways to run a statement.
const (
	Here     Run = iota // in the transaction that is open
	Bare                // with no transaction open
	Begin               // it opens the script's own transaction
	Commit              // it commits the script's own transaction
	Rollback            // it ends the script's own transaction without effect
)

// Next returns what to do about the next statement, which begins in a line. An
// error says, without its place, why the script must not be run.
func (g *Segmenter) Next(s Statement, line int) (Move, error) {
	if s.Class == Refused {
		return Move{}, errors.New(s.Why)
	}
	if g.where == own {
		return g.inside(s)
	}
	switch s.Class {
	case Begins:
		if len(g.savepoints) > 0 {
			return Move{}, fmt.Errorf("BEGIN inside the SAVEPOINT of line %d", g.line)
		}
		m := Move{CloseBefore: g.where == ours, Run: Begin}
		g.where, g.line = own, line
		return m, nil
	case Commits:
		return Move{}, errors.New("COMMIT without a BEGIN: it would end the transaction that keeps the migration whole")
	case RollsBack:
		return Move{}, errors.New("ROLLBACK without a BEGIN: it would end the transaction that keeps the migration whole")
	case SavesPoint, Releases, Returns:
		if err := g.savepoint(s, line); err != nil {
			return Move{}, err
		}
	case Outside:
		if len(g.savepoints) == 0 {
			m := Move{CloseBefore: g.where == ours, Run: Bare}
			g.where = nowhere
			return m, nil
		}
	}
	if g.Each && g.where == nowhere && s.Class == Plain && !s.Effect {
		return Move{Run: Bare}, nil
	}
	m := Move{OpenBefore: g.where == nowhere}
	g.where = ours
	if g.Each && len(g.savepoints) == 0 {
		m.CloseAfter = true
		g.where = nowhere
	}
	return m, nil
}

// inside says what to do inside the script's own transaction, where everything
// stays as the author wrote it.
func (g *Segmenter) inside(s Statement) (Move, error) {
	switch s.Class {
	case Begins:
		return Move{}, fmt.Errorf("BEGIN inside the transaction of line %d", g.line)
	case Commits:
		g.where, g.savepoints = nowhere, nil
		return Move{Run: Commit}, nil
	case RollsBack:
		g.where, g.savepoints = nowhere, nil
		return Move{Run: Rollback}, nil
	case SavesPoint, Releases, Returns:
		return Move{}, g.savepoint(s, g.line)
	}
	return Move{}, nil
}

// savepoint keeps the stack of savepoints as the databases do.
func (g *Segmenter) savepoint(s Statement, line int) error {
	if s.Class == SavesPoint {
		if len(g.savepoints) == 0 && g.where != own {
			g.line = line
		}
		g.savepoints = append(g.savepoints, s.Savepoint)
		return nil
	}
	for i, name := range slices.Backward(g.savepoints) {
		if name == s.Savepoint {
			if s.Class == Releases {
				g.savepoints = g.savepoints[:i]
			} else {
				g.savepoints = g.savepoints[:i+1]
			}
			return nil
		}
	}
	return fmt.Errorf("no such savepoint: %s", s.Savepoint)
}

// End says whether our transaction is open after the last statement, and is to
// be committed. An error says why the script must not be run, with the line.
func (g *Segmenter) End() (open bool, line int, err error) {
	switch {
	case g.where == own:
		return false, g.line, errors.New("BEGIN without a COMMIT: the work of this transaction would be lost")
	case len(g.savepoints) > 0:
		return false, g.line, fmt.Errorf("SAVEPOINT %s is never released", g.savepoints[0])
	}
	return g.where == ours, 0, nil
}
